import type { Api, Model } from './api.ts'
import { readArtifact, type Artifact } from './network/artifact.ts'

/** What a network is for: one answer a picture, or numbers along it. */
export type Kind = Model['kind']

/** The networks that the page may use: the service's, and those dropped onto the page. */
export interface Networks {
  list(): Promise<readonly Model[]>
  /** The network of that name, loaded once. */
  get(name: string): Promise<Artifact>
  /** Take a run folder's `config.json` and `model.safetensors`; gives the network's name. */
  addLocal(files: readonly File[]): Promise<string>
  /** Called when the list changes. */
  onChange(listener: () => void): () => void
}

const KEPT = 'lenet.dropped'

interface Dropped {
  readonly name: string
  readonly config: string
  readonly weights: ArrayBuffer
}

/** Networks by name, from the service and from files. */
export function networks(api: Api): Networks {
  const dropped = new Map<string, Dropped>(restored().map((one) => [one.name, one]))
  const loaded = new Map<string, Promise<Artifact>>()
  const listeners = new Set<() => void>()
  let served: Promise<Model[]> | null = null

  async function load(name: string): Promise<Artifact> {
    const local = dropped.get(name)
    if (local) return readArtifact(name, local.config, local.weights)
    const path = `v1/models/${encodeURIComponent(name)}`
    const [config, weights] = await Promise.all([
      api.text(`${path}/config.json`),
      api.bytes(`${path}/model.safetensors`),
    ])
    return readArtifact(name, config, weights)
  }

  const networks: Networks = {
    async list() {
      served ??= api.models()
      // A failure is not kept: the next call asks again.
      served.catch(() => (served = null))
      const own = [...dropped.values()].map(describe)
      try {
        return [...(await served), ...own]
      } catch (error) {
        // Those dropped here work without the service.
        if (!own.length) throw error
        return own
      }
    },
    get(name) {
      let found = loaded.get(name)
      if (!found) {
        found = load(name)
        loaded.set(name, found)
        found.catch(() => loaded.delete(name))
      }
      return found
    },
    async addLocal(files) {
      // What is asked together with a reader's first network lies in folders within.
      const own = files.filter((file) => !/\/beside-\d+\/[^/]*$/.test(file.webkitRelativePath))
      const config = own.find((file) => file.name === 'config.json')
      const weights = own.find((file) => file.name.endsWith('.safetensors'))
      if (!config || !weights) {
        throw new Error('A network is two files: config.json and model.safetensors. Give both.')
      }
      const there = await networks.list().catch((): Model[] => [])
      const taken = new Set(there.map((model) => model.name))
      const folder = config.webkitRelativePath.split('/').slice(-2, -1)[0] || 'dropped'
      let name = folder
      for (let number = 2; taken.has(name); number++) name = `${folder}-${number}`
      const one = { name, config: await config.text(), weights: await weights.arrayBuffer() }
      loaded.set(name, Promise.resolve(readArtifact(name, one.config, one.weights)))
      dropped.set(name, one)
      keep([...dropped.values()])
      for (const listener of listeners) listener()
      return name
    },
    onChange(listener) {
      listeners.add(listener)
      return () => listeners.delete(listener)
    },
  }
  return networks
}

/** What is shown where nobody has chosen: the best at what most people try. */
export const FIRST = 'digits'

/** The network named, if it is of this kind, else one that is. */
export function choose(models: readonly Model[], kind: Kind, name: string | null): Model {
  const fit = models.filter((model) => model.kind === kind)
  const found = [name, FIRST].map((one) => fit.find((model) => model.name === one)).find(Boolean) ?? fit[0]
  if (!found) throw new Error('The service has no network for this view.')
  return found
}

function describe({ name, config, weights }: Dropped): Model {
  const artifact = readArtifact(name, config, weights)
  const parameters = [...artifact.parameters.values()].reduce((sum, one) => sum + one.length, 0)
  return {
    name,
    kind: artifact.pictures === 'numbers' ? 'read' : 'predict',
    source: 'dropped',
    pictures: artifact.pictures,
    classes: artifact.classes,
    input_shape: artifact.inputShape,
    parameters,
    run: false,
  }
}

// A dropped network survives a reload of the page, if the browser has room for it.
function keep(all: readonly Dropped[]): void {
  const rows = all.map(({ name, config, weights }) => {
    let text = ''
    for (const byte of new Uint8Array(weights)) text += String.fromCharCode(byte)
    return { name, config, weights: btoa(text) }
  })
  try {
    sessionStorage.setItem(KEPT, JSON.stringify(rows))
  } catch {
    // no room: it lives until the page is left
  }
}

function restored(): Dropped[] {
  const rows = JSON.parse(sessionStorage.getItem(KEPT) ?? '[]') as {
    name: string
    config: string
    weights: string
  }[]
  return rows.map(({ name, config, weights }) => ({
    name,
    config,
    weights: Uint8Array.from(atob(weights), (letter) => letter.charCodeAt(0)).buffer,
  }))
}
