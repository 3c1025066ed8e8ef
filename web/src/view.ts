import type { Address } from './address.ts'
import type { Api } from './api.ts'
import type { Kind, Networks } from './networks.ts'
import type { Artifact } from './network/artifact.ts'

/** The parts of the page that every view may use. */
export interface Page {
  readonly api: Api
  readonly networks: Networks
  readonly address: Address
  /** The network that is selected in the header, or a default of the view's kind. */
  network(): Promise<Artifact>
  /** Show an error at the top of the page; null removes it. */
  problem(what: unknown): void
}

/** A view of the page: a tab with its own name in the address. */
export interface View {
  readonly name: string
  readonly title: string
  /** The kind of networks that the header lists; without it the header has no list. */
  readonly kind?: Kind
  /** Fill the empty `root`. The page calls the returned function when the user leaves the view. */
  show(root: HTMLElement, page: Page): () => void
}
