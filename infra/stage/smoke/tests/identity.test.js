import { describe, expect, test } from 'vitest'
import { ask, prefix, signIn } from './target.js'

describe('identity', () => {
  test('the rehearsal account can sign in', async () => {
    const headers = await signIn()
    expect(Object.keys(headers)).toHaveLength(1)
  })

  test('a stranger can not', async () => {
    const body = { email: 'nobody@rehearsal.fixnado.example', password: 'not a password of anybody' }
    const { status, json } = await ask(`${prefix}/auth/login`, { method: 'POST', body })
    expect(status).toBe(401)
    expect(json?.tokens ?? null).toBeNull()
  })

  test('nothing is shown to those who have not signed in', async () => {
    const { status } = await ask(`${prefix}/timeline-hub`)
    expect(status).toBe(401)
  })
})
