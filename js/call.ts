// What may be asked of an engine, by number; src/call.rs says what is given and what comes back.

/** A call. */
export const enum Call {
  Open = 0,
  Secret = 1,
  Correct = 2,
  Edited = 3,
  Prefer = 4,
  Reward = 5,
  Regenerate = 6,
  Profile = 7,
  Status = 8,
  Export = 9,
  Choose = 10,
  Choice = 11,
  Identify = 12,
  Restore = 13,
  Ready = 14,
  Writes = 15,
  Events = 16,
  Due = 17,
  Begin = 18,
  Answered = 19,
  Failed = 20,
  MayHaveSent = 21,
  Forget = 22,
}
