// RUN: memwall-opt %s -split-input-file -verify-diagnostics | FileCheck %s

// Integers, whole floats and an empty budget are accepted as they are; what
// memwall-annotate writes may be of any kind.
// CHECK-LABEL: func.func @accepted
// CHECK-SAME: memwall.max_bytes = {ddr5 = 12 : i64, hbm3 = 1.200000e+09 : f64}
// CHECK: memwall.max_bytes = {}
func.func @accepted() attributes {
    memwall.max_bytes = {hbm3 = 1.2e9, ddr5 = 12}, memwall.flops = 3 : i64} {
  "func.return"() {memwall.max_bytes = {}, memwall.bound_by = "hbm3"} : () -> ()
}

// -----

// expected-error @+1 {{'memwall.max_bytes' expects a dictionary from level to bytes, such as {hbm3 = 1.2e9}, found 12 : i64}}
func.func private @not_a_dictionary() attributes {memwall.max_bytes = 12}

// -----

// expected-error @+1 {{'memwall.max_bytes' expects for 'hbm3' a whole number of bytes from 0 to 2^63 - 1, found 1.500000e+00 : f64}}
func.func private @fraction() attributes {memwall.max_bytes = {hbm3 = 1.5}}

// -----

// expected-error @+1 {{'memwall.max_bytes' expects for 'hbm3' a whole number of bytes from 0 to 2^63 - 1, found -1 : i64}}
func.func private @negative() attributes {memwall.max_bytes = {hbm3 = -1}}

// -----

// expected-error @+1 {{found 1.000000e+19 : f64}}
func.func private @too_large() attributes {memwall.max_bytes = {hbm3 = 1.0e19}}

// -----

// expected-error @+1 {{found "1 GB"}}
func.func private @text() attributes {memwall.max_bytes = {hbm3 = "1 GB"}}

// -----

// expected-error @+1 {{found true}}
func.func private @boolean() attributes {memwall.max_bytes = {hbm3 = true}}
