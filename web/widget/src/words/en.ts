// English, complete: every sentence of the interface by its key. A part's words stand in the part's own table; those of
// the start screen are there from the beginning, the others come with `more.ts`.

import {conversation} from './en/conversation.ts'
import {facts} from './en/facts.ts'
import {shell} from './en/shell.ts'
import {start} from './en/start.ts'
import {troubles} from './en/troubles.ts'

export const english = {...start, ...shell, ...conversation, ...facts, ...troubles} as const

export type English = typeof english
