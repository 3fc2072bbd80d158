// The words before the talk: the start screen with its disclosure, the header, and what did not come.

export const start = {
  /** Of the disclosure, as it stands in the record of a consent. Another sentence of it, another version. */
  consentVersion: '2026-11-21',

  aiBadge: 'AI',
  aiBadgeLong: 'You talk with an AI, not with a person.',
  close: 'Close',
  menu: 'More',
  panelLabel: 'Talk with {title}',
  talkWithUs: 'Talk with us',
  talkGoesOn: 'The talk goes on. Show it',
  working: 'One moment',
  recordingOn: 'Recording',
  recordingOff: 'Not recorded',

  startTalk: 'Talk',
  startText: 'Type instead',
  startAgain: 'Go on with the talk',
  startNote: 'You can end the talk at any time.',
  atMost: 'At most {time}',
  hearsCompany: 'What you say is heard by {company} in order to answer you.',
  hearsNobody: 'What you say is not passed on to another company.',
  keptLine: 'How long it is kept: {list}.',
  keptItem: '{what}: {time}',
  keptSound: 'sound',
  keptWords: 'words',
  keptFacts: 'notes',
  keptOpen: 'until it is deleted',
  keptNever: 'not at all',
  recordAsk: 'My voice may be recorded',
  recordAskHint: 'Only if you like. The talk is the same without it.',
  recordAlways: 'The sound of this talk is recorded.',
  recordNever: 'The sound of this talk is not recorded.',
  youDecideLater: 'Whether your voice is recorded is for you to say.',

  unreachableTitle: 'No connection',
  unreachableText: 'The server cannot be reached. Please check your connection and try again.',
  actRetry: 'Try again',
  endCall: 'End the talk',
} as const
