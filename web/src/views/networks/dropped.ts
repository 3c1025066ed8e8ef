// A run folder given to the page: the files of its network, and what else the run left.

import type { Epoch } from '../../api.ts'

const KEPT = 'lenet.run.'

/** What a dropped run folder says of itself. */
export interface Record {
  readonly metrics: Readonly<{ [key: string]: unknown }>
  readonly history: readonly Epoch[]
}

/** The files of what was dropped: those of a folder too. */
export async function filesOf(data: DataTransfer | null): Promise<File[]> {
  // Entries are gone when the event is over: take them all before waiting for anything.
  const items = [...(data?.items ?? [])].filter((item) => item.kind === 'file')
  const entries = items.map((item) => item.webkitGetAsEntry())
  const plain = [...(data?.files ?? [])]
  const found = await Promise.all(entries.map((entry, k) => (entry?.isDirectory ? within(entry as FileSystemDirectoryEntry) : [plain[k]!])))
  return found.flat()
}

async function within(folder: FileSystemDirectoryEntry): Promise<File[]> {
  const reader = folder.createReader()
  const files: File[] = []
  for (;;) {
    const some = await new Promise<FileSystemEntry[]>((done, fail) => reader.readEntries(done, fail))
    if (!some.length) return files
    for (const entry of some) {
      if (!entry.isFile) continue
      const file = await new Promise<File>((done, fail) => (entry as FileSystemFileEntry).file(done, fail))
      // As a chosen folder's files have it: the folder's name is the network's.
      Object.defineProperty(file, 'webkitRelativePath', { value: `${folder.name}/${file.name}` })
      files.push(file)
    }
  }
}

/** Read the history and the metrics among a run's files, and keep them under the network's name. */
export async function keepRecord(name: string, files: readonly File[]): Promise<void> {
  const text = async (wanted: string) => (await files.find((file) => file.name === wanted)?.text()) ?? null
  const [history, metrics] = [await text('history.csv'), await text('metrics.json')]
  const record: Record = { history: history ? readHistory(history) : [], metrics: metrics ? readMetrics(metrics) : {} }
  sessionStorage.setItem(KEPT + name, JSON.stringify(record))
}

/** What was kept of a dropped run. */
export function recordOf(name: string): Record {
  const text = sessionStorage.getItem(KEPT + name)
  return text ? (JSON.parse(text) as Record) : { history: [], metrics: {} }
}

/** Read a history.csv; a file that is none is an Error of one sentence. */
export function readHistory(text: string): Epoch[] {
  const [head = '', ...lines] = text.trim().split(/\r?\n/)
  const names = head.split(',')
  return lines.map((line, k) => {
    const values = line.split(',').map((value) => (value.trim() === '' ? NaN : Number(value)))
    if (values.length !== names.length || !values.every(Number.isFinite)) {
      throw new Error(`history.csv is corrupt: line ${k + 2} does not hold ${names.length} numbers.`)
    }
    return Object.fromEntries(names.map((name, column) => [name, values[column]])) as unknown as Epoch
  })
}

function readMetrics(text: string): Record['metrics'] {
  let found: unknown
  try {
    found = JSON.parse(text)
  } catch {
    throw new Error('metrics.json is corrupt: it is not JSON.')
  }
  if (typeof found !== 'object' || found === null || Array.isArray(found)) throw new Error('metrics.json is corrupt: it must hold an object.')
  return found as Record['metrics']
}
