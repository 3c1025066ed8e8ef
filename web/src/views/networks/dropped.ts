// A run folder that was dropped onto the page: its files, its history and its metrics.

import type { Epoch } from '../../api.ts'

const KEPT = 'lenet.run.'

/** The metrics and the history of a dropped run. */
export interface RunRecord {
  readonly metrics: Readonly<Record<string, unknown>>
  readonly history: readonly Epoch[]
}

/** All dropped files, including those in a dropped folder. */
export async function filesOf(data: DataTransfer | null): Promise<File[]> {
  // Entries are valid only during the event, so they are all taken before the first await.
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
      // Files of a chosen folder have this path too. The network gets the name of the folder.
      Object.defineProperty(file, 'webkitRelativePath', { value: `${folder.name}/${file.name}` })
      files.push(file)
    }
  }
}

/** Read the history and the metrics of a run, and store them under the network's name. */
export async function storeRecord(name: string, files: readonly File[]): Promise<void> {
  const text = async (wanted: string) => (await files.find((file) => file.name === wanted)?.text()) ?? null
  const [history, metrics] = [await text('history.csv'), await text('metrics.json')]
  const record: RunRecord = { history: history ? readHistory(history) : [], metrics: metrics ? readMetrics(metrics) : {} }
  sessionStorage.setItem(KEPT + name, JSON.stringify(record))
}

/** The stored history and metrics of a dropped run. */
export function recordOf(name: string): RunRecord {
  const text = sessionStorage.getItem(KEPT + name)
  return text ? (JSON.parse(text) as RunRecord) : { history: [], metrics: {} }
}

/** Read a history.csv; throws an Error of one sentence if the file is corrupt. */
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

function readMetrics(text: string): RunRecord['metrics'] {
  let found: unknown
  try {
    found = JSON.parse(text)
  } catch {
    throw new Error('metrics.json is corrupt: it is not JSON.')
  }
  if (typeof found !== 'object' || found === null || Array.isArray(found)) throw new Error('metrics.json is corrupt: it must hold an object.')
  return found as RunRecord['metrics']
}
