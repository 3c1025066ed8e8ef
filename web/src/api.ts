/** A network of `GET /v1/models`, or one that was dropped onto the page. */
export interface Model {
  readonly name: string
  readonly kind: 'predict' | 'read'
  readonly source: 'shipped' | 'run' | 'dropped'
  readonly pictures: string
  readonly classes: readonly string[]
  readonly input_shape: readonly number[]
  readonly parameters: number
  readonly run: boolean
}

/** A digit of a number; `box` is [x, y, width, height] in pixels of the picture. */
export interface ReadDigit {
  readonly text: string
  readonly confidence: number
  readonly box: readonly [number, number, number, number]
}

/** The probabilities behind a reading, column by column, and the best path through them. */
export interface Trellis {
  readonly field: readonly [number, number, number, number]
  readonly ink: string
  readonly columns: readonly (readonly number[])[]
  readonly symbols: readonly string[]
  readonly path: readonly number[]
  readonly alternatives: readonly { readonly text: string; readonly confidence: number }[]
}

/** The number that was read in a picture. */
export interface Reading {
  readonly path: string | null
  readonly text: string
  readonly confidence: number
  readonly rejected: boolean
  readonly digits: readonly ReadDigit[]
  readonly trellis?: Trellis
  readonly error?: string
}

/** One epoch of a training. */
export interface Epoch {
  readonly epoch: number
  readonly train_loss: number
  readonly train_accuracy: number
  readonly test_accuracy: number | null
  readonly seconds: number
}

/** A test image with its true class, its predicted class and the probability of the latter. */
export interface Mistake {
  readonly index: number
  readonly truth: number | string
  readonly label: number | string
  readonly probability: number
  readonly png?: string
}

/** The results of a run: `GET /v1/runs/{name}`. */
export interface Run {
  readonly metrics: Readonly<Record<string, unknown>>
  readonly history: readonly Epoch[]
  readonly classes: readonly string[]
  readonly confusion: readonly (readonly number[])[]
  readonly per_class: readonly {
    readonly name: string
    readonly images: number
    readonly precision: number | null
    readonly recall: number | null
  }[]
  readonly mistakes: readonly Mistake[]
  readonly accuracy: number
  readonly calibration_error: number
}

/** The settings of a training: the body of `POST /v1/training`. Null is the recipe's own value; the page sends none. */
export interface TrainingSettings {
  readonly data: string
  readonly recipe: 'chapter' | 'own' | null
  readonly activation: 'sigmoid' | 'relu' | 'tanh' | null
  readonly pooling: 'avg' | 'max' | null
  readonly learning_rate: number | null
  readonly epochs: number | null
  readonly batch_size: number | null
  readonly seed: number
}

/** The HTTP service. A call that fails throws an Error whose message is one sentence. */
export interface Api {
  models(): Promise<Model[]>
  /** A file of a network: `config.json` as text, `model.safetensors` as bytes. */
  text(path: string): Promise<string>
  bytes(path: string): Promise<ArrayBuffer>
  json<T>(path: string, init?: RequestInit): Promise<T>
  read(picture: Blob, options?: Readonly<Record<string, string>>): Promise<Reading>
  run(name: string): Promise<Run>
  runImages(
    name: string,
    truth: number,
    label: number,
    limit?: number,
  ): Promise<{ images: Mistake[]; count: number }>
  train(settings: TrainingSettings): Promise<{ id: number }>
  stopTraining(): Promise<void>
  /** Call `each` for every server-sent event until the stream ends or `signal` is aborted. */
  events(path: string, each: (name: string, data: unknown) => void, signal: AbortSignal): Promise<void>
}

const KEY = 'lenet.key'

/**
 * Connect to the service that served this page. `askKey` is called if the service needs an API key;
 * `refused` is true if the last key was wrong. A key of null gives up.
 */
export function api(askKey: (refused: boolean) => Promise<string | null>): Api {
  async function call(path: string, init: RequestInit = {}): Promise<Response> {
    const key = sessionStorage.getItem(KEY)
    const headers = new Headers(init.headers)
    // A header may hold only bytes, so the key is written as UTF-8 with one character per byte.
    if (key) headers.set('Authorization', `Bearer ${String.fromCharCode(...new TextEncoder().encode(key))}`)
    let response: Response
    try {
      response = await fetch(path, { ...init, headers })
    } catch (cause) {
      if (init.signal?.aborted) throw cause
      throw new Error('The service does not answer: is "lenet serve" still running?', { cause })
    }
    if (response.status === 401) {
      // Another call may have asked for the key in the meantime.
      const given = sessionStorage.getItem(KEY) !== key ? sessionStorage.getItem(KEY) : await askKey(key !== null)
      if (given) {
        sessionStorage.setItem(KEY, given)
        return call(path, init)
      }
      sessionStorage.removeItem(KEY)
      throw new Error('The service does not answer without its key. Reload the page to enter the key.')
    }
    if (!response.ok) throw new Error(await errorMessage(response))
    return response
  }

  const json = async <T>(path: string, init?: RequestInit) => (await call(path, init)).json() as Promise<T>
  return {
    models: async () => (await json<{ models: Model[] }>('v1/models')).models,
    text: async (path) => (await call(path)).text(),
    bytes: async (path) => (await call(path)).arrayBuffer(),
    json,
    async read(picture, options = {}) {
      const query = new URLSearchParams({ trellis: 'true', ...options })
      const { results } = await json<{ results: Reading[] }>(`v1/read?${query}`, {
        method: 'POST',
        body: picture,
        headers: { 'Content-Type': picture.type || 'application/octet-stream' },
      })
      const [reading] = results
      if (!reading) throw new Error('The service returned no result.')
      if (reading.error) throw new Error(reading.error)
      return reading
    },
    run: (name) => json<Run>(`v1/runs/${encodeURIComponent(name)}`),
    runImages: (name, truth, label, limit = 100) =>
      json(`v1/runs/${encodeURIComponent(name)}/images?truth=${truth}&label=${label}&limit=${limit}`),
    train: (settings) =>
      json('v1/training', {
        method: 'POST',
        body: JSON.stringify(settings),
        headers: { 'Content-Type': 'application/json' },
      }),
    stopTraining: async () => void (await call('v1/training', { method: 'DELETE' })),
    async events(path, each, signal) {
      // EventSource cannot send a key, so the page reads the stream itself.
      const response = await call(path, { signal, headers: { Accept: 'text/event-stream' } })
      const reader = response.body!.pipeThrough(new TextDecoderStream()).getReader()
      let rest = ''
      try {
        for (;;) {
          const { value, done } = await reader.read()
          if (done) return
          const blocks = (rest + value).replaceAll('\r\n', '\n').split('\n\n')
          rest = blocks.pop()!
          for (const block of blocks) dispatch(block, each)
        }
      } catch (error) {
        if (!signal.aborted) throw error
      }
    },
  }
}

function dispatch(block: string, each: (name: string, data: unknown) => void): void {
  let name = 'message'
  const data: string[] = []
  for (const line of block.split('\n')) {
    if (line.startsWith('event:')) name = line.slice(6).trim()
    if (line.startsWith('data:')) data.push(line.slice(5).trim())
  }
  if (data.length) each(name, JSON.parse(data.join('\n')))
}

async function errorMessage(response: Response): Promise<string> {
  try {
    const { error } = (await response.json()) as { error?: string }
    if (error) return error
  } catch {
    // The body is not JSON: a proxy between the page and the service has answered.
  }
  return `The service answered ${response.status} ${response.statusText}.`
}
