// Everything after the tap, `viva-widget.js`: puts the widget into the frame that the loader has made.

export {type Mounted, type Mounting, mount} from './shell.ts'
