"""A playbook in PostgreSQL; needs the extra `postgres`. The only package that imports psycopg."""
