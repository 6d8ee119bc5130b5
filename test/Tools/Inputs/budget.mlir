func.func private @f() attributes {memwall.max_bytes = {hbm3 = 12}}
