"""Code systems as the terminology engine sees them: the protocol, sets of concepts, and systems held in memory."""
