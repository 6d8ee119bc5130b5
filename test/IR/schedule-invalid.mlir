// RUN: memwall-opt %s -split-input-file -verify-diagnostics

// expected-error @+1 {{'memwall.schedule' expects #memwall.schedule<...>, found 4 : i64}}
func.func private @kind() attributes {memwall.schedule = 4}

// -----

// expected-error @+1 {{'sizes' expects at least 0, found -4}}
#a = #memwall.schedule<bands = [<"l2", sizes = [-4]>]>

// -----

// expected-error @+1 {{'order' expects less than 2^31, found 4294967296}}
#a = #memwall.schedule<bands = [<"l2", sizes = [4], order = [4294967296]>]>

// -----

// expected-error @+1 {{'parallel' expects at least 0, found -1}}
#a = #memwall.schedule<bands = [<"l2", sizes = [4], parallel = [-1]>]>

// -----

// expected-error @+1 {{expected the name of a level in a tile band}}
#a = #memwall.schedule<bands = [<sizes = [4]>]>

// -----

// expected-error @+1 {{expected 'sizes' in a tile band}}
#a = #memwall.schedule<bands = [<"l2">]>

// -----

// expected-error @+1 {{expected 'order' only once}}
#a = #memwall.schedule<bands = [<"l2", sizes = [4], order = [0], order = [0]>]>

// -----

// expected-error @+1 {{unknown key 'tiles'}}
#a = #memwall.schedule<tiles = [4]>

// -----

// expected-error @+1 {{expected 'operand' in a packed operand}}
#a = #memwall.schedule<packs = [<inner_dims = [0], inner_tiles = [16]>]>

// -----

// expected-error @+1 {{'inner_tiles' expects at least 1, found 0}}
#a = #memwall.schedule<packs = [<operand = 0, inner_dims = [0], inner_tiles = [0]>]>

// -----

// expected-error @+1 {{'inner_dims' expects at least 0, found -1}}
#a = #memwall.schedule<packs = [<operand = 0, inner_dims = [-1], inner_tiles = [4]>]>

// -----

// expected-error @+1 {{'operand' expects at least 0, found -1}}
#a = #memwall.schedule<packs = [<operand = -1, inner_dims = [0], inner_tiles = [4]>]>

// -----

// expected-error @+1 {{'outer_permutation' expects at least 0, found -1}}
#a = #memwall.schedule<packs = [<operand = 1, inner_dims = [0], inner_tiles = [4], outer_permutation = [-1]>]>

// -----

// expected-error @+1 {{'leaf_order' expects at least 0, found -1}}
#a = #memwall.schedule<leaf_order = [-1]>

// -----

// expected-error @+1 {{'units' expects at least 1, found 0}}
#a = #memwall.schedule<units = 0>

// -----

// expected-error @+1 {{expected 'parts' in a split}}
#a = #memwall.schedule<split = <dim = 2>>

// -----

// expected-error @+1 {{expected 'dim' in a split}}
#a = #memwall.schedule<split = <parts = 2>>

// -----

// expected-error @+1 {{'parts' expects at least 1, found 0}}
#a = #memwall.schedule<split = <dim = 2, parts = 0>>

// -----

// expected-error @+1 {{unknown key 'size'}}
#a = #memwall.schedule<split = <dim = 2, size = 4>>

// -----

// expected-error @+1 {{expected 'dim' and 'size' in a stream band}}
#a = #memwall.schedule<group = "a", stream = [<"l2", dim = 2, parts = 4>]>

// -----

// expected-error @+1 {{'parts' expects at least 1, found 0}}
#a = #memwall.schedule<group = "a", stream = [<"l2", dim = 2, size = 4, parts = 0>]>

// -----

// expected-error @+1 {{unknown key 'part'}}
#a = #memwall.schedule<group = "a", stream = [<"l2", dim = 2, size = 4, part = 2>]>
