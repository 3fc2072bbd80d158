// The words around the talk: menu, the end, deleting, the kiosk.

export const shell = {
  language: 'Language',
  languageHint: 'The agent answers in the language you speak.',

  connecting: 'Connecting',
  connectingText: 'The agent speaks first.',
  cancel: 'Cancel',

  recordingStop: 'Stop the recording',
  recordingStart: 'Allow the recording',

  endedTitle: 'Thank you',
  endedEmptyTitle: 'The talk is over',
  replacedTitle: 'In another window',
  readTranscript: 'Read what was said',
  seeFacts: 'See what was noted',

  eraseThis: 'Delete this talk',
  eraseTitle: 'Delete this talk?',
  eraseText: 'The sound, the words and the notes of this talk are deleted on the server. Nobody can bring them back.',
  eraseEnds: 'The talk ends with it.',
  eraseYes: 'Delete',
  eraseNo: 'Keep it',
  erasing: 'Deleting',
  erasedTitle: 'Deleted',
  erasedText: 'Nothing of this talk is kept on the server any more.',
  eraseFailed: 'It could not be deleted now. Please try again in a minute.',

  unknownTitle: 'Nobody here',
  unknownText: 'There is no agent of this name. Is the address complete?',
  refusedTitle: 'Not from this page',
  refusedText: 'This page may not start a talk with this agent.',
  busyLinesTitle: 'All lines are busy',
  lostLineTitle: 'The line is gone',
  brokenTitle: 'Something broke',
  openPage: 'Open the page of this agent',

  kioskTouch: 'Touch to begin',
  kioskIdleTitle: 'Are you still there?',
  kioskIdleText: 'This screen clears itself in {time}.',
  kioskStay: 'I am still here',
  kioskDone: 'Done',
} as const
