"""The pages for people: one module for each kind of page; what they show comes from the service, how it looks from templates."""
