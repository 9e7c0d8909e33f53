"""Resources that clients and operators supply, read into definitions; strict about types, generous about the rest."""
