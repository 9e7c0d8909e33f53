"""From publishers' files and our summaries to an edition; only the command line reaches this package."""
