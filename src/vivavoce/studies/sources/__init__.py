"""Where people say things: one file a place, all of them behind `studies.port.Source`."""
