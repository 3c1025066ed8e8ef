import type { Api, Model } from './api.ts'
import { readArtifact, type Artifact } from './network/artifact.ts'

/** The task of a network: to classify a picture ('predict') or to read a number ('read'). */
export type Kind = Model['kind']

/** All networks: those of the service, and those that were dropped onto the page. */
export interface Networks {
  list(): Promise<readonly Model[]>
  /** The network with this name; it is loaded only once. */
  get(name: string): Promise<Artifact>
  /** Add the network of a run folder (`config.json`, `model.safetensors`) and return its name. */
  addLocal(files: readonly File[]): Promise<string>
  /** Call `listener` when the list changes. */
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
  const dropped = new Map<string, Dropped>(stored().map((one) => [one.name, one]))
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
      // A failed request is not cached: the next call tries again.
      served.catch(() => (served = null))
      const own = [...dropped.values()].map(describe)
      try {
        return [...(await served), ...own]
      } catch (error) {
        // Dropped networks work without the service.
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
      // Folders such as `beside-1` hold the other members of an ensemble; the page uses the first member only.
      const own = files.filter((file) => !/\/beside-\d+\/[^/]*$/.test(file.webkitRelativePath))
      const config = own.find((file) => file.name === 'config.json')
      const weights = own.find((file) => file.name.endsWith('.safetensors'))
      if (!config || !weights) {
        throw new Error('A network has two files, config.json and model.safetensors. Please choose both.')
      }
      const there = await networks.list().catch((): Model[] => [])
      const taken = new Set(there.map((model) => model.name))
      const folder = config.webkitRelativePath.split('/').slice(-2, -1)[0] || 'dropped'
      let name = folder
      for (let number = 2; taken.has(name); number++) name = `${folder}-${number}`
      const one = { name, config: await config.text(), weights: await weights.arrayBuffer() }
      loaded.set(name, Promise.resolve(readArtifact(name, one.config, one.weights)))
      dropped.set(name, one)
      store([...dropped.values()])
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

/** The network that is shown first: the most accurate one for digits. */
export const FIRST = 'digits'

/** The network called `name` if it is of this kind, else a default of this kind. */
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

/** Store the dropped networks, so that they are still there after a reload of the page. */
function store(all: readonly Dropped[]): void {
  const rows = all.map(({ name, config, weights }) => {
    let text = ''
    for (const byte of new Uint8Array(weights)) text += String.fromCharCode(byte)
    return { name, config, weights: btoa(text) }
  })
  try {
    sessionStorage.setItem(KEPT, JSON.stringify(rows))
  } catch {
    // The session storage is full: a reload of the page will remove the networks.
  }
}

function stored(): Dropped[] {
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
