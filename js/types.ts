/** A feature's value: a string is a category (a text when it is over 64 characters or six words), a number a measure of
 * any scale, `true` presence; a list counts as each of its items. `false`, `null` and `undefined` are the same as leaving
 * it out. */
export type FeatureValue = string | number | boolean | null | undefined | readonly (string | number | boolean)[]

/** Names and values, at most 512 of them. Plain values only. `__proto__`, `constructor` and `prototype` are refused. */
export type Features = { readonly [name: string]: FeatureValue }

/** `T` where each of its values is a feature's value, so that an object of an `interface` of yours fits too. */
export type FeaturesOf<T> = { readonly [K in keyof T]: T[K] extends FeatureValue ? T[K] : FeatureValue }

/** The same for a candidate of yours and its features. */
export type CandidateOf<C> = C & (C extends { readonly features?: infer F } ? { readonly features?: FeaturesOf<F> } : unknown)

/** One thing that could be shown. */
export interface Candidate<F extends object = Features> {
  /** Your name for it, unique within the decision; 1 to 64 characters. */
  readonly id: string
  /** What is known about it. */
  readonly features?: F
  /** The text itself, if it is one; at most 64 KiB. */
  readonly text?: string
  /** It stands first, whatever was learned; of several pinned ones the best. At most one of these three. */
  readonly pinned?: boolean
  /** It never stands first and comes last in the order. */
  readonly forbidden?: boolean
  /** It stands first with at least this probability, 0 to below 1; all of them at most 1 together. */
  readonly minimumShare?: number
}

/** What to choose between. Generic over your own candidate type, so that `candidates` keeps its ids. */
export interface RankRequest<C extends Candidate<object> = Candidate, X extends object = Features> {
  /** The task, such as `"answer-style"`; 1 to 64 characters. Each surface has its own base rate. */
  readonly surface: string
  /** What is known about the moment; crossed with the candidates' features. */
  readonly context?: X & FeaturesOf<X>
  /** What could be shown, 1 to 1,000. */
  readonly candidates: readonly CandidateOf<C>[]
  /** The attempt at the same request before this one. */
  readonly after?: Decision | DecisionId
}

/** One answer that was shown without a choice. */
export interface ShownRequest<F extends object = Features, X extends object = Features> {
  /** The task; 1 to 64 characters. */
  readonly surface: string
  /** What is known about the moment. */
  readonly context?: X & FeaturesOf<X>
  /** The answer: its text, or its features, or both. */
  readonly answer: string | (Omit<Candidate<F & FeaturesOf<F>>, "id"> & Partial<Pick<Candidate, "id">>)
  /** The attempt at the same request before this one. */
  readonly after?: Decision | DecisionId
}

/** A decision's id (a UUID). */
export type DecisionId = string

/** What was decided. Plain data: store it, or just its `id`, with the message it belongs to. */
export interface Decision<Id extends string = string> {
  readonly id: DecisionId
  readonly surface: string
  /** Id of the candidate in the first place. */
  readonly best: Id
  /** Ids of all candidates, best first. */
  readonly order: readonly Id[]
  /** The predicted probability of a good outcome of each, in the order of `order`; each in (0, 1). */
  readonly scores: readonly number[]
  /** The exact probability with which the first place came to be what it is; in (0, 1]. */
  readonly propensity: number
  /** Whether the uniform share (2 % by default) chose the first place. */
  readonly explored: boolean
  /** The version of everybody's weights that took part; 0 for none. */
  readonly version: number
  /** Which attempt at the request this is, from 1. */
  readonly attempt: number
  /** Present if the stored profile had not been read yet: the order is your own. */
  readonly unready?: true
}

/** Up, down, or `null` to take back whatever was said. */
export type Thumb = "up" | "down" | null

/** An edit of an answer: both texts, or only the share of words that were edited, 0 to 1. */
export type Correction =
  | { readonly shown: string; readonly corrected: string }
  | { readonly share: number }

/** Where a signal is on its way. */
export type ReceiptState = "queued" | "saved" | "acknowledged" | "dropped"

/** What became of a signal. The model has learned from it before the call returned. */
export interface Receipt {
  /** The signal's id. */
  readonly id: string
  /** Where it is now. */
  readonly state: ReceiptState
  /** Why it was dropped, if it was. */
  readonly reason?: ErrorCode
  /** Settles when it is on disk (resolves to "saved"), is only in memory ("memory"), or was dropped ("dropped"). */
  readonly saved: Promise<"saved" | "memory" | "dropped">
  /** Settles when the server has it ("acknowledged") or never will ("dropped"; "local" without an endpoint or once sharing
   * was refused). While `share` is "ask" it stays open. */
  readonly acknowledged: Promise<"acknowledged" | "dropped" | "local">
}

/** What the person allows. */
export interface Consent {
  /** To learn and store on this device. Default `true`. */
  readonly learn?: boolean
  /** To send signals: `true`, `false`, or `"ask"` while undecided (everything stays here meanwhile). Default `"ask"`. */
  readonly share?: boolean | "ask"
  /** To send words and let them train models. Default `false`: only the form of texts leaves. */
  readonly text?: boolean
  /** Share although the browser sends Global Privacy Control. Default `false`: the signal counts as a refusal. */
  readonly overrideGlobalPrivacyControl?: boolean
}

/** How the first place is chosen. Every decision records the exact probability of what came first. */
export interface ExploreBy {
  /** The share of decisions whose first place is drawn uniformly besides, 0 to 1. Default 0.02, and 0 with `"greedy"`. */
  readonly epsilon?: number
  /** The best first: `"epsilon"` with the uniform share, `"greedy"` without any exploration (nothing to evaluate). */
  readonly policy: "epsilon" | "greedy"
}

/** The same with `flywheel-sdk/insight`, which knows more ways. */
export type InsightExploreBy = Pick<ExploreBy, "epsilon"> & (
  | Pick<ExploreBy, "policy">
  | {
      /**
       * `"bonus"` favours what nobody knows much about yet; `"thompson"` draws each by how uncertain it is. `scale` is
       * in standard deviations, 0 to 10, default 0.5 and 0.25; 0 is the best first.
       */
      readonly policy: "bonus" | "thompson"
      readonly scale?: number
    }
  | {
      /** The worse it seems, the more rarely. `gamma` is 0 (uniformly) to 1,000,000 (nearly the best first), default 1,000. */
      readonly policy: "squarecb"
      readonly gamma?: number
    }
)

/** What to open with. */
export interface OpenOptions {
  /** Your app's name; 1 to 64 characters. It keeps profiles on this origin apart; which app of the server it is, the key says. */
  readonly app: string
  /** The base address of the sync endpoint, such as `"/flywheel"`. Without it everything stays on the device. */
  readonly endpoint?: string
  /** The app's public key, `pk_…`. Needed with an endpoint. A secret key is refused: what a page holds, everybody can read. */
  readonly key?: string
  /** What the person allows. A choice that was stored earlier wins over this. */
  readonly consent?: Consent
  /** How the first place is chosen, or just the share of decisions where it is drawn uniformly. Default 0.02. */
  readonly explore?: number | ExploreBy
  /** The same share, by its name. */
  readonly epsilon?: number
  /** When batches go. */
  readonly sync?: SyncOptions
  /** Sends the first signals only once there are so many of them, or so many days (0 to 365) after the first, whichever
   * comes first. Default: at once. */
  readonly contributeAfter?: { readonly signals?: number; readonly days?: number }
  /** New weights wait for `adopt()`, or the next visit, so that a list keeps its order when it is ranked again while
   * somebody looks at it. Default `false`: they predict from the next `rank` on. (Decisions that were made never change.) */
  readonly holdWeights?: boolean
  /** Where to keep the profile: the browser's IndexedDB or only memory. Default `"indexeddb"`, with memory as fallback. */
  readonly storage?: "indexeddb" | "memory"
  /** A seed for ties, exploration and ids, for tests. Default: real randomness. */
  readonly seed?: number
}

/** What to open `flywheel-sdk/insight` with. */
export interface InsightOpenOptions extends Omit<OpenOptions, "explore"> {
  /** As `OpenOptions.explore`, with more ways. */
  readonly explore?: number | InsightExploreBy
  /** Who comes first among candidates that nothing tells apart; before anything is known, that is all of them. `"random"`
   * (the default) draws one, so that each is tried; `"given"` keeps your own order, as a list of search results should. */
  readonly ties?: "random" | "given"
  /**
   * Your own redactor: takes every string that is a value (a text or a category of `context` and `features`, a
   * candidate's text, both texts of a correction, a reason) and gives what may be learned from, kept and sent. The
   * built-in redaction (docs/privacy.md) always comes after it. Where it throws or gives no string, the string is
   * dropped, and with one text of a correction the other. It must give the same for the same; it is called within `rank`.
   */
  readonly redact?: (text: string) => string
  /**
   * The share of people, 0 to 1, who get your own order, so that you can tell what learning brings (docs/server.md, "What
   * learning brings"). Everything else works for them as for all. Who they are follows from a hash: everybody stays on
   * their side, and a larger share only adds people. Without it the endpoint's setting holds; without an endpoint nobody
   * is held out.
   */
  readonly holdOut?: number
}

/** When batches go. */
export interface SyncOptions {
  /** Whether anything is sent without `sync()` being called. Default `true`. */
  readonly automatic?: boolean
  /** Signals after which a batch goes at once, 1 to 256. Default 20. */
  readonly count?: number
  /** Milliseconds after which the oldest waiting signal goes. Default 5,000. */
  readonly waitMs?: number
  /** Milliseconds after which new weights are asked for; 0 for never. Default 300,000. */
  readonly refreshMs?: number
}

/** How things stand. */
export interface Status {
  readonly ready: boolean
  /** Where the profile is kept, and why if only in memory. */
  readonly storage: "indexeddb" | "memory" | "opening"
  readonly storageReason?: string
  readonly consent: { readonly learn: boolean; readonly share: "ask" | "granted" | "denied"; readonly text: boolean }
  /** Signals that wait to be sent, those on their way included. */
  readonly queued: number
  readonly inFlight: number
  /** Signals in the journal. */
  readonly signals: number
  /** Decisions that feedback can still be given about. */
  readonly decisions: number
  /** Signals that will not be sent, by reason. */
  readonly dropped: { readonly [code: string]: number }
  /** The version of everybody's weights; 0 for none. */
  readonly version: number
  /** Failed requests in a row, and the last failure's code or words. */
  readonly failures: number
  readonly lastError?: string
}

/** One thing that was learned about this person. */
export interface Trait {
  /** In your own feature names: `style=short`, or two with ` × ` between. */
  readonly feature: string
  /** How much it raises (or lowers) the logit of a good outcome beyond what holds for everybody. */
  readonly weight: number
  /** Standard deviation of that. */
  readonly uncertainty: number
  /** How many decisions it was learned from. */
  readonly signals: number
}

/** What can be listened to. */
export interface Events {
  /** New weights predict from the next `rank` on; `held`: they wait for `adopt()`. */
  weights: { readonly version: number; readonly held: boolean }
  /** Something in `status()` changed. */
  status: Status
  /** Something went wrong in the background. */
  error: FlywheelError
}

/** What became of a `sync()`. */
export interface SyncResult {
  /** Signals that the server has taken. */
  readonly acknowledged: number
  /** Signals that still wait. */
  readonly queued: number
  /** The version of the weights now. */
  readonly version: number
}

/** The page's learning loop. */
export interface Flywheel {
  /** Orders candidates by what this person (and everybody) liked. Synchronous. */
  rank<const C extends Candidate<object>, X extends object = Features>(request: RankRequest<C, X>): Decision<C["id"]>
  /** Records one answer that was shown without a choice. */
  shown<F extends object = Features, X extends object = Features>(request: ShownRequest<F, X>): Decision
  /** A thumb; `null` takes back whatever was said about the decision. */
  thumb(decision: Decision | DecisionId, thumb: Thumb): Receipt
  /** The answer was edited. */
  correct(decision: Decision | DecisionId, correction: Correction): Receipt
  /** Another attempt is wanted. Returns the next decision, ranked by what has been learned. */
  regenerate<D extends Decision>(decision: D | DecisionId): D
  /** This candidate is better than the one that was shown first. */
  prefer<Id extends string = string>(decision: Decision<Id> | DecisionId, candidate: NoInfer<Id>): Receipt
  /** Your own measure of success, 0 to 1, and your word for it. */
  reward(decision: Decision | DecisionId, value: number, reason?: string): Receipt
  /** How things stand. */
  status(): Status
  /** Changes what the person allows; stored, and in force for what was not sent yet. */
  consent(consent: Consent): Promise<void>
  /** Listens; returns a function that stops listening. */
  on<E extends keyof Events>(event: E, listener: (value: Events[E]) => void): () => void
  /** Sends what waits and fetches the newest weights now. Rejects with a code if that fails. */
  sync(): Promise<SyncResult>
  /** With `holdWeights`: the newest weights predict from here on. */
  adopt(): void
  /** Forgets everything here, and there if anything was ever sent. */
  forget(): Promise<void>
  /** Everything that is kept about the person, as plain data. */
  export(): Promise<object>
  /** Saves what is not saved, sends what waits if it can, and lets go of everything. */
  close(): Promise<void>
}

/** A part of a score. */
export interface Term {
  /** In your own feature names; `words of text` and `words of the context` stand for all words together. */
  readonly feature: string
  /** What everybody's weights add to the logit. */
  readonly everybody: number
  /** What this person's own evidence adds to that. */
  readonly own: number
}

/** Why a candidate has its score. */
export interface Explanation {
  readonly candidate: string
  /** The sum of all terms and of the rest: what candidates are ordered by. */
  readonly logit: number
  /** The probability that it means: nearer to ½ than the logit alone, as far as the weights are uncertain. */
  readonly probability: number
  /** What was predicted for the first place when the decision was made. */
  readonly predicted: number
  /** Whether anything learned since changes what is expected of the first place. The terms are those of now: while this
   * is `false` they are those that made the decision. */
  readonly changed: boolean
  /** Strongest first. */
  readonly terms: readonly Term[]
  /** The others together; its name is empty. */
  readonly rest: Term
}

/** Something that is well known about this person. */
export interface Hint {
  /** In plain English: `prefers style: short`, `avoids lists`, `prefers British spelling`. */
  readonly text: string
  /** What it is about, as in `profile()`, or `spelling=british`, `spelling=american`: for sentences of your own. */
  readonly feature: string
  /** Whether the person wants more of it, or less. */
  readonly wanted: boolean
  /** The probability that the direction is right, in (½, 1). */
  readonly confidence: number
  /** How many statements it rests on. */
  readonly signals: number
}

/** Something that this person has changed in other texts again and again. It is never applied by itself. */
export interface Suggestion {
  /** What stands in the text; empty where something is appended. */
  readonly from: string
  /** What this person makes of it; empty where it is deleted. */
  readonly to: string
  /** In how many corrections, less those that left it or did the opposite; at least 2. */
  readonly count: number
  /** Where `from` begins: `text.slice(0, at) + to + text.slice(at + from.length)`. */
  readonly at: number
}

/** A decision, whether this is a good moment to ask about it, and on which side of the hold-out it was made. */
export interface InsightDecision<Id extends string = string> extends Decision<Id> {
  /** Whether a word would teach more than about nine of ten decisions of late, since the outcome is open, little is known
   * about what is shown, and it will come again. `true` for about one in ten. */
  readonly worthAsking: boolean
  /** Whether the person is held out: the order is your own, but for `pinned`, `forbidden` and `minimumShare`. */
  readonly heldOut: boolean
}

/** What `flywheel-sdk/insight` opens: the same page and the same storage, and what it can tell beyond the usual. */
export interface InsightFlywheel extends Flywheel {
  rank<const C extends Candidate<object>, X extends object = Features>(request: RankRequest<C, X>): InsightDecision<C["id"]>
  shown<F extends object = Features, X extends object = Features>(request: ShownRequest<F, X>): InsightDecision
  /** The terms that make the score of a candidate (by its id; default: the first place), by what is known now: at most
   * `most` (10) by name, the others summed. Throws for a decision that is not kept. */
  explain(decision: Decision | DecisionId, candidate?: string, most?: number): Explanation
  /** What was learned about this person, strongest first; at most `most` (50). */
  profile(most?: number): Trait[]
  /** What is well known about this person, strongest first, at most five: for a prompt. */
  hints(): Hint[]
  /** What this person would change in a text, by what they changed in two corrections or more; at most `most` (20). */
  suggest(text: string, most?: number): Suggestion[]
  /** Adds what `export()` gave, here or on another device, as far as it is not here; gives the number of signals that are
   * new. Nothing counts twice; what is not as it must be is left out and counted in `status().dropped`. */
  import(file: object): Promise<number>
  /** Makes this a device of the person that your server names in a signed token (docs/protocol.md, "Several devices"):
   * what was learned on the others is known here from then on, and the other way round. */
  join(token: string): Promise<void>
  /** Replaces the device secret under which the server knows this person. */
  rotate(): Promise<void>
}

/** The stable name of an error; docs/errors.md explains each. */
export type ErrorCode =
  | "unknown_decision"
  | "no_candidates"
  | "too_many_candidates"
  | "duplicate_candidate"
  | "unknown_candidate"
  | "invalid_rules"
  | "no_alternative"
  | "not_finite"
  | "out_of_range"
  | "reserved_key"
  | "nested_value"
  | "too_many_features"
  | "text_too_long"
  | "invalid_name"
  | "invalid_value"
  | "closed"
  | "learn_refused"
  | "share_refused"
  | "no_endpoint"
  | "offline"
  | "storage_unavailable"
  | "queue_full"
  | "invalid_utf8"
  | "invalid_json"
  | "invalid_key"
  | "body_too_large"
  | "batch_too_large"
  | "unsupported_protocol"
  | "unsupported_model"
  | "erased"
  | "too_old"
  | "not_found"
  | "method_not_allowed"
  | "rate_limited"
  | "request_timeout"
  | "disk_full"
  | "unavailable"
  | "invalid_weights"
  | "weights_hash_mismatch"
  | "weights_base_mismatch"
  | "corrupt"
  | "database_newer"
  | "internal"

/** An error thrown or given by Flywheel. */
export interface FlywheelError extends Error {
  readonly name: "FlywheelError"
  readonly code: ErrorCode
}
