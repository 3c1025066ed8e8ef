import type { Address } from './address.ts'
import type { Api } from './api.ts'
import type { Kind, Networks } from './networks.ts'
import type { Artifact } from './network/artifact.ts'

/** What every view is given. */
export interface Page {
  readonly api: Api
  readonly networks: Networks
  readonly address: Address
  /** The network chosen in the header, or the first of the view's kind. */
  network(): Promise<Artifact>
  /** Say in the page's one place for it what went wrong; null: nothing any more. */
  problem(what: unknown): void
}

/** One of the page's views: a tab, and a name in the address. */
export interface View {
  readonly name: string
  readonly title: string
  /** Which networks the header offers; without it the header has no choice of networks. */
  readonly kind?: Kind
  /** Fill `root` (empty); the function returned is called to leave. */
  show(root: HTMLElement, page: Page): () => void
}
