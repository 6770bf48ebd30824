import { describe, expect, test } from 'vitest'
import { ask } from './target.js'

describe('health', () => {
  test('the service says who it is', async () => {
    const { status, json } = await ask('/')
    expect(status).toBe(200)
    expect(json).toMatchObject({ service: 'fixnado', version: expect.any(String), instance: expect.any(String) })
  })

  test('it is alive', async () => {
    const { status, json } = await ask('/healthz')
    expect(status).toBe(200)
    expect(json?.status).toBe('ok')
  })

  test('it is ready', async () => {
    const { status } = await ask('/readyz')
    expect(status).toBe(200)
  })
})
