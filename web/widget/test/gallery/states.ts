// Every screen of the widget by name, with no server and no clock: what the visual tests look at, and where screens are
// worked on.

import {initial} from '../../../sdk/src/core/view.ts'
import {lossWords, microphoneWords, PROBLEMS, troubleWords} from '../../../sdk/src/core/words.ts'
import type {View} from '../../../sdk/src/index.ts'
import type {Card} from '../../src/card.ts'
import type {Local, Shape} from '../../src/ui.ts'

export interface State {
  readonly view?: Partial<View>
  /** Null: there is none yet. */
  readonly card?: Partial<Card> | null
  readonly local?: Partial<Local>
  readonly shape?: Shape
  /** How loud it is. */
  readonly level?: number
}

export const CARD: Card = {
  agent: 'founder-validation',
  title: 'Is this worth building?',
  speakers: [
    {id: 'alex', name: 'Alex', role: 'Asks about the problem'},
    {id: 'maya', name: 'Maya', role: 'Asks about the numbers'},
    {id: 'rob', name: 'Rob', role: 'Doubts it'},
  ],
  languages: ['auto'],
  record: 'ask',
  keep: {audio_days: 30, transcript_days: 90, facts_days: null},
  processor: 'Google',
  minutes: 20,
  idle_reset_s: 45,
  page: 'https://talk.example/t/founder-validation',
}

const SPEAKERS: View['speakers'] = CARD.speakers

const FIELDS: View['fields'] = [
  {id: 'problem', objective: 'problem', type: 'story', required: true},
  {id: 'severity', objective: 'problem', type: '0..10', required: true},
  {id: 'who_has_it', objective: 'problem', type: 'text', required: true},
  {id: 'price', objective: 'money', type: 'money', required: true},
  {id: 'churn', objective: 'money', type: 'percent', required: false},
  {id: 'launch', objective: 'money', type: 'date', required: false},
  {id: 'stage', objective: 'money', type: 'idea|prototype|live', required: false},
  {id: 'rivals', objective: 'market', type: 'list<text>', required: false},
  {id: 'email', objective: 'contact', type: 'email', required: true},
  {id: 'phone', objective: 'contact', type: 'phone', required: false},
]

type Facts = View['facts']
const fact = (field: string, state: string, value: unknown, at: number): Facts => ({
  [field]: {field, state, value, evidence: value === null ? [] : [[2, at * 1000, at * 1000 + 4000]]},
})

const FACTS: Facts = {
  ...fact('problem', 'answered', 'Month-end export takes two people a full day, every month.', 74),
  ...fact('severity', 'confirmed', 8, 96),
  ...fact('who_has_it', 'vague', null, 0),
  ...fact('price', 'confirmed', {amount: 79, currency: 'EUR'}, 154),
  ...fact('churn', 'refused', null, 0),
}
/** One of them is being asked for: it has a card above the text box. */
const ASKED: Facts = {...FACTS, ...fact('launch', 'asked', null, 0)}

const CAPTIONS: View['captions'] = [
  {who: 'alex', turn: 1, text: 'Hello! I am Alex, an AI. What is the problem that you want to solve?', final: true},
  {who: 'caller', turn: 2, text: 'Month-end export takes two people a full day, every month.', final: true},
  {who: 'alex', turn: 3, text: 'How bad is it, from zero to ten?', final: true},
  {who: 'caller', turn: 4, text: 'I would say an eight.', final: true},
  {who: 'maya', turn: 5, text: 'An eight. And what would you pay each month to be rid of it?', final: true},
]

const ON: Partial<View> = {
  screen: 'talk',
  connection: 'live',
  microphone: 'live',
  title: CARD.title,
  speakers: SPEAKERS,
  fields: FIELDS,
  facts: FACTS,
  captions: CAPTIONS,
  consent: 'given',
  floor: {turn: 'open', holder: ''},
  mayErase: true,
}

const talking = (more: Partial<View>): State => ({view: {...ON, ...more}, local: {record: true}, level: 0.2})

function asked(field: string, change: Partial<View> = {}): Partial<View> {
  const type = FIELDS.find(({id}) => id === field)
  return {...ON, facts: {...FACTS, ...fact(field, 'asked', null, 0)}, ...(type && change)}
}

type Found = Parameters<typeof microphoneWords>[0]

/** Before a talk: the microphone is not to be had, and why. */
function microphone(found: Found): State {
  const problem = microphoneWords(found)
  const problems = problem === null ? [] : [problem]
  return {view: {screen: 'problem', connection: 'idle', microphone: found.state, problems}}
}

const shows = (what: string, title: string, data: unknown, facts = FACTS): State =>
  talking({floor: {turn: 'agent', holder: 'maya'}, audible: 5, shown: [{what, title, data}], facts})

export const STATES: {readonly [name: string]: State} = {
  'start-ask': {},
  'start-agreed': {local: {record: true}},
  'start-always': {card: {record: 'always', processor: ''}},
  'start-never': {card: {record: 'never', keep: {audio_days: 0, transcript_days: 1, facts_days: 365}}},
  'start-long': {
    card: {title: 'A very long title of an agent whose author likes to explain everything at once. '.repeat(9)},
  },
  'start-resumable': {local: {resumable: true}},
  'start-no-card': {card: null},
  unknown: {card: null, local: {cardTrouble: 'not_found'}},
  refused: {card: null, local: {cardTrouble: 'refused'}},
  unreachable: {card: null, local: {cardTrouble: 'unreachable'}},
  languages: {local: {sheet: 'languages'}},

  connecting: {view: {screen: 'connecting', connection: 'connecting', title: CARD.title}},
  'connecting-slow': {
    view: {
      screen: 'connecting',
      connection: 'waiting',
      problems: [PROBLEMS.slow],
    },
  },
  busy: {view: {screen: 'problem', problems: [troubleWords('busy')]}},
  crashed: {
    view: {screen: 'problem', problems: [troubleWords('crashed')]},
  },
  lost: {
    view: {
      ...ON,
      screen: 'problem',
      connection: 'lost',
      problems: [lossWords('call_gone')],
    },
  },

  'kept-out': {
    view: {
      screen: 'problem',
      connection: 'lost',
      problems: [lossWords('elsewhere')],
    },
  },

  'talk-open': talking({}),
  'talk-first': talking({captions: [], facts: {}, floor: {turn: 'waiting', holder: ''}}),
  'talk-agent': talking({
    floor: {turn: 'agent', holder: 'maya'},
    audible: 6,
    captions: [...CAPTIONS, {who: 'maya', turn: 6, text: 'Then let us look at what it costs you today.', final: false}],
  }),
  'talk-caller': talking({
    floor: {turn: 'caller', holder: 'caller'},
    captions: [...CAPTIONS, {who: 'caller', turn: 6, text: 'Well, I think about', final: false}],
  }),
  'talk-waiting': talking({floor: {turn: 'waiting', holder: ''}}),
  'talk-held': talking({floor: {turn: 'held', holder: 'maya'}, audible: 0}),
  'talk-muted': talking({microphone: 'muted'}),
  'talk-push': talking({pushToTalk: true}),
  'talk-pushed': talking({pushToTalk: true, talking: true, floor: {turn: 'caller', holder: 'caller'}}),
  'talk-patient': talking({takesTime: true}),
  'talk-asks-consent': {view: {...ON, consent: 'ask'}, local: {record: null}},
  'talk-unrecorded': talking({consent: 'refused'}),
  text: {view: {...ON, screen: 'text', mode: 'text', microphone: 'off'}, local: {draft: 'About 80 euros'}},
  reconnecting: talking({
    screen: 'reconnecting',
    connection: 'waiting',
    retryInS: 4,
    problems: [PROBLEMS.reconnecting],
  }),
  offline: talking({
    screen: 'reconnecting',
    connection: 'offline',
    problems: [PROBLEMS.offline],
  }),
  'echo-poor': talking({
    echo: 'poor',
    problems: [PROBLEMS.echo],
  }),
  'sound-suspended': talking({
    sound: 'suspended',
    problems: [PROBLEMS.suspended],
  }),
  'microphone-silent': talking({
    microphone: 'silent',
    facts: ASKED,
    problems: [PROBLEMS.silent],
  }),
  notice: talking({
    notices: [{code: 'time_soon', text: 'Two minutes are left.', action: ''}],
  }),
  'voice-lost': talking({
    notices: [
      {
        code: 'voice_lost',
        text: 'The line to the agent is lost for now. What you type is kept, and we go on trying to reach it.',
        action: 'type',
      },
    ],
  }),

  'microphone-asking': {view: {screen: 'connecting', connection: 'idle', microphone: 'asking'}},
  'microphone-denied': microphone({state: 'denied', by: 'user'}),
  'microphone-denied-system': microphone({state: 'denied', by: 'system'}),
  'microphone-dismissed': microphone({state: 'denied', by: 'dismissed'}),
  'microphone-policy': microphone({state: 'blocked', by: 'policy'}),
  'microphone-sandbox': microphone({state: 'blocked', by: 'sandbox'}),
  'microphone-insecure': microphone({state: 'blocked', by: 'insecure'}),
  'microphone-browser': microphone({state: 'blocked', by: 'browser'}),
  'microphone-missing': microphone({state: 'missing'}),
  'microphone-busy': microphone({state: 'busy', by: 'system'}),
  'microphone-busy-page': microphone({state: 'busy', by: 'page'}),
  'microphone-constrained': microphone({state: 'constrained'}),
  'microphone-lost': microphone({state: 'lost'}),
  devices: {
    ...talking({}),
    local: {
      sheet: 'devices',
      devices: [
        {id: 'a', label: 'Built-in microphone'},
        {id: 'b', label: 'Headset of Maya with a rather long name (Bluetooth)'},
      ],
    },
  },

  menu: {...talking({}), local: {sheet: 'menu'}},
  transcript: {...talking({}), local: {sheet: 'transcript'}},
  facts: {...talking({facts: ASKED}), local: {sheet: 'facts'}},
  'edit-number': {
    ...talking({facts: ASKED}),
    local: {sheet: 'facts', editing: {field: 'severity', text: '8', wrong: ''}},
  },
  'edit-email': {
    ...talking({facts: ASKED}),
    local: {sheet: 'facts', editing: {field: 'email', text: 'maya@', wrong: 'Please write an e-mail address.'}},
  },
  'edit-choice': {
    ...talking({facts: ASKED}),
    local: {sheet: 'facts', editing: {field: 'stage', text: 'live', wrong: ''}},
  },
  'edit-date': {
    ...talking({facts: ASKED}),
    local: {sheet: 'facts', editing: {field: 'launch', text: '2027-03-01', wrong: ''}},
  },
  'asking-email': {view: asked('email')},
  'asking-date': {view: asked('launch')},
  'asking-choice': {view: asked('stage')},
  'asking-number': {view: {...ON, facts: {...FACTS, ...fact('severity', 'answered', 8, 96)}}},
  'shown-table': shows('table', 'Who else does this', {
    columns: ['Name', 'Price', 'Since'],
    rows: [
      ['Ledgerly', '49 €', '2019'],
      ['Closebook', '120 €', '2021'],
      ['A spreadsheet', '0 €', 'always'],
    ],
  }),
  'shown-link': shows('link', 'Where the number comes from', {
    url: 'https://statistics.example/report',
    text: 'Accounting software in Europe, 2026',
  }),
  'shown-text': shows('text', 'In short', 'Two people, one day, each month: 24 working days a year.'),
  'shown-sum': shows('calculator', 'Market size, bottom up', {
    currency: 'EUR',
    rows: [
      {label: 'Buyers', value: 12000, unit: 'count', source: 'founder-said'},
      {label: 'Whole market a year', value: 11376000, unit: 'EUR', source: 'computed'},
    ],
    notes: ['The number of buyers needs a source: a URL, a year and the quoted line.'],
    sources: [],
  }),
  'shown-and-asked': shows('text', 'In short', 'Two people, one day, each month: 24 working days a year.', ASKED),

  ended: {view: {...ON, screen: 'ended', connection: 'ended', ended: {reason: 'done', text: 'That was all. Goodbye.'}}},
  'ended-empty': {
    view: {screen: 'ended', connection: 'ended', ended: {reason: 'caller_hung_up', text: 'You ended the call.'}},
  },
  replaced: {
    view: {
      ...ON,
      screen: 'ended',
      connection: 'replaced',
      mayErase: false,
      problems: [PROBLEMS.replaced],
    },
  },
  erase: {...talking({}), local: {sheet: 'erase'}},
  'erase-failed': {...talking({}), local: {sheet: 'erase', erasure: 'failed'}},
  erased: {view: {...ON, screen: 'ended', connection: 'ended', mayErase: false}, local: {erasure: 'done'}},

  'kiosk-attract': {shape: 'kiosk', local: {open: false}},
  'kiosk-start': {shape: 'kiosk'},
  'kiosk-talk': {...talking({floor: {turn: 'agent', holder: 'maya'}, audible: 5}), shape: 'kiosk'},
  'kiosk-idle': {...talking({}), shape: 'kiosk', local: {idleLeftS: 12}},
}

/** The view of a state, whole. */
export function viewOf({view}: State): View {
  return {...initial, ...view}
}
