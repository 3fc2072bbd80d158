// English, complete: every sentence of the interface by its key. A part's words stand in the part's own table.

import {conversation} from './en/conversation.ts'
import {facts} from './en/facts.ts'
import {shell} from './en/shell.ts'
import {troubles} from './en/troubles.ts'

export const english = {...shell, ...conversation, ...facts, ...troubles} as const

export type English = typeof english
