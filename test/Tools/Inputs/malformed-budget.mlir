func.func private @f() attributes {memwall.max_bytes = 12}
