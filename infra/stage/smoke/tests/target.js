// What the rehearsal says of the target, and the two ways to ask it something.
const wanted = (name) => {
  const value = process.env[name]
  if (!value) throw new Error(`${name} is not set: this pack runs against a target, which it needs`)
  return value
}

export const url = wanted('GOLIVE_TARGET_URL').replace(/\/+$/, '')
export const prefix = process.env.GOLIVE_PREFIX ?? '/v1'

/** One answer: its status, and its body where that is JSON. */
export async function ask(path, { method = 'GET', body, headers = {} } = {}) {
  const answer = await fetch(url + path, {
    method,
    headers: { accept: 'application/json', ...(body && { 'content-type': 'application/json' }), ...headers },
    body: body && JSON.stringify(body),
    redirect: 'manual',
    signal: AbortSignal.timeout(10_000),
  })
  const text = await answer.text()
  let json = null
  try {
    json = JSON.parse(text)
  } catch {
    // A page of HTML: the test that wanted JSON says so.
  }
  return { status: answer.status, json, headers: answer.headers }
}

/** Headers of a signed-in rehearsal account, by token where there is one, else by cookie. */
export async function signIn() {
  const body = { email: wanted('GOLIVE_EMAIL'), password: wanted('GOLIVE_PASSWORD'), clientType: 'mobile' }
  const answer = await ask(`${prefix}/auth/login`, { method: 'POST', body })
  if (answer.status !== 200) throw new Error(`signing in answered ${answer.status}`)
  const token = answer.json?.tokens?.accessToken
  if (token) return { authorization: `Bearer ${token}` }
  const cookies = answer.headers.getSetCookie().map((one) => one.split(';', 1)[0])
  if (cookies.length === 0) throw new Error('signing in gave neither a token nor a cookie')
  return { cookie: cookies.join('; ') }
}
