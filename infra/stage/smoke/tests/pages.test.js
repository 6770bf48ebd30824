import { beforeAll, describe, expect, test } from 'vitest'
import { ask, prefix, signIn } from './target.js'

describe('first pages', () => {
  let headers
  beforeAll(async () => {
    headers = await signIn()
  })

  test('the timeline hub has entries and no warnings', async () => {
    const { status, json } = await ask(`${prefix}/timeline-hub`, { headers })
    expect(status).toBe(200)
    expect(json?.entries?.length).toBeGreaterThan(0)
    expect(json.warnings).toEqual([])
  })

  test('the commerce snapshot has all of its parts', async () => {
    const { status, json } = await ask(`${prefix}/commerce/snapshot?persona=user`, { headers })
    expect(status).toBe(200)
    for (const part of ['orders', 'rentals', 'revenue', 'escrow', 'alerts']) {
      expect(json, `the part ${part}`).toHaveProperty(part)
    }
  })
})
