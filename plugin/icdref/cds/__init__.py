"""CDS Hooks, pure: what is offered, requests and prefetch read, cards and suggestions shaped, feedback checked."""
