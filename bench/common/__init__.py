"""What the bench scripts share: servers in processes of their own, the load generator, and tables."""
