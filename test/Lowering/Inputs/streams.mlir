// Attention whose keys are streamed: tiles that divide nothing, bf16, causal and windowed, groups of queries, loops of several
// units, one query per head.

func.func @plain(%q: tensor<1x1x67x24xf32>, %k: tensor<1x101x24xf32>, %v: tensor<1x101x24xf32>) -> tensor<1x1x67x24xf32> {
  %es = tensor.empty() : tensor<1x1x67x101xf32>
  %cs = arith.constant 0.0 : f32
  %fs = linalg.fill ins(%cs : f32) outs(%es : tensor<1x1x67x101xf32>) -> tensor<1x1x67x101xf32>
  %s = linalg.generic {indexing_maps = [affine_map<(h, g, n, t, d) -> (h, g, n, d)>, affine_map<(h, g, n, t, d) -> (h, t, d)>, affine_map<(h, g, n, t, d) -> (h, g, n, t)>],
      iterator_types = ["parallel", "parallel", "parallel", "parallel", "reduction"]} ins(%q, %k : tensor<1x1x67x24xf32>, tensor<1x101x24xf32>)
      outs(%fs : tensor<1x1x67x101xf32>) attrs = {memwall.schedule = #memwall.schedule<group = "g">} {
  ^bb0(%i0: f32, %i1: f32, %o: f32):
    %m = arith.mulf %i0, %i1 : f32
    %r = arith.addf %o, %m : f32
    linalg.yield %r : f32
  } -> tensor<1x1x67x101xf32>
  %ew = tensor.empty() : tensor<1x1x67x101xf32>
  %w = linalg.generic {indexing_maps = [affine_map<(h, g, n, t) -> (h, g, n, t)>, affine_map<(h, g, n, t) -> (h, g, n, t)>],
      iterator_types = ["parallel", "parallel", "parallel", "parallel"]} ins(%s : tensor<1x1x67x101xf32>)
      outs(%ew : tensor<1x1x67x101xf32>) attrs = {memwall.schedule = #memwall.schedule<group = "g">} {
  ^bb0(%i0: f32, %o: f32):
    %sc = arith.constant 0.08838834764 : f32
    %y = arith.mulf %i0, %sc : f32
    linalg.yield %y : f32
  } -> tensor<1x1x67x101xf32>
  %emx = tensor.empty() : tensor<1x1x67xf32>
  %cmx = arith.constant 0xFF800000 : f32
  %fmx = linalg.fill ins(%cmx : f32) outs(%emx : tensor<1x1x67xf32>) -> tensor<1x1x67xf32>
  %mx = linalg.generic {indexing_maps = [affine_map<(h, g, n, t) -> (h, g, n, t)>, affine_map<(h, g, n, t) -> (h, g, n)>],
      iterator_types = ["parallel", "parallel", "parallel", "reduction"]} ins(%w : tensor<1x1x67x101xf32>)
      outs(%fmx : tensor<1x1x67xf32>) attrs = {memwall.schedule = #memwall.schedule<stream = [<"l1", dim = 3, size = 33>], group = "g">} {
  ^bb0(%i0: f32, %o: f32):
    %r = arith.maximumf %i0, %o : f32
    linalg.yield %r : f32
  } -> tensor<1x1x67xf32>
  %ep = tensor.empty() : tensor<1x1x67x101xf32>
  %p = linalg.generic {indexing_maps = [affine_map<(h, g, n, t) -> (h, g, n, t)>, affine_map<(h, g, n, t) -> (h, g, n)>, affine_map<(h, g, n, t) -> (h, g, n, t)>],
      iterator_types = ["parallel", "parallel", "parallel", "parallel"]} ins(%w, %mx : tensor<1x1x67x101xf32>, tensor<1x1x67xf32>)
      outs(%ep : tensor<1x1x67x101xf32>) attrs = {memwall.schedule = #memwall.schedule<group = "g">} {
  ^bb0(%i0: f32, %i1: f32, %o: f32):
    %d = arith.subf %i0, %i1 : f32
    %r = math.exp %d : f32
    linalg.yield %r : f32
  } -> tensor<1x1x67x101xf32>
  %el = tensor.empty() : tensor<1x1x67xf32>
  %cl = arith.constant 0.0 : f32
  %fl = linalg.fill ins(%cl : f32) outs(%el : tensor<1x1x67xf32>) -> tensor<1x1x67xf32>
  %l = linalg.generic {indexing_maps = [affine_map<(h, g, n, t) -> (h, g, n, t)>, affine_map<(h, g, n, t) -> (h, g, n)>],
      iterator_types = ["parallel", "parallel", "parallel", "reduction"]} ins(%p : tensor<1x1x67x101xf32>)
      outs(%fl : tensor<1x1x67xf32>) attrs = {memwall.schedule = #memwall.schedule<group = "g">} {
  ^bb0(%i0: f32, %o: f32):
    %r = arith.addf %i0, %o : f32
    linalg.yield %r : f32
  } -> tensor<1x1x67xf32>
  %ez = tensor.empty() : tensor<1x1x67x101xf32>
  %z = linalg.generic {indexing_maps = [affine_map<(h, g, n, t) -> (h, g, n, t)>, affine_map<(h, g, n, t) -> (h, g, n)>, affine_map<(h, g, n, t) -> (h, g, n, t)>],
      iterator_types = ["parallel", "parallel", "parallel", "parallel"]} ins(%p, %l : tensor<1x1x67x101xf32>, tensor<1x1x67xf32>)
      outs(%ez : tensor<1x1x67x101xf32>) attrs = {memwall.schedule = #memwall.schedule<group = "g">} {
  ^bb0(%i0: f32, %i1: f32, %o: f32):
    %r = arith.divf %i0, %i1 : f32
    linalg.yield %r : f32
  } -> tensor<1x1x67x101xf32>
  %ea = tensor.empty() : tensor<1x1x67x24xf32>
  %ca = arith.constant 0.0 : f32
  %fa = linalg.fill ins(%ca : f32) outs(%ea : tensor<1x1x67x24xf32>) -> tensor<1x1x67x24xf32>
  %a = linalg.generic {indexing_maps = [affine_map<(h, g, n, d, t) -> (h, g, n, t)>, affine_map<(h, g, n, d, t) -> (h, t, d)>, affine_map<(h, g, n, d, t) -> (h, g, n, d)>],
      iterator_types = ["parallel", "parallel", "parallel", "parallel", "reduction"]} ins(%z, %v : tensor<1x1x67x101xf32>, tensor<1x101x24xf32>)
      outs(%fa : tensor<1x1x67x24xf32>) attrs = {memwall.schedule = #memwall.schedule<bands = [<"l2", sizes = [1, 1, 20, 0, 0], order = [0, 1, 2]>], group = "g">} {
  ^bb0(%i0: f32, %i1: f32, %o: f32):
    %m = arith.mulf %i0, %i1 : f32
    %r = arith.addf %o, %m : f32
    linalg.yield %r : f32
  } -> tensor<1x1x67x24xf32>
  return %a : tensor<1x1x67x24xf32>
}
func.func @causalbf16(%q: tensor<2x1x50x40xbf16>, %k: tensor<2x50x40xbf16>, %v: tensor<2x50x40xbf16>) -> tensor<2x1x50x40xf32> {
  %es = tensor.empty() : tensor<2x1x50x50xf32>
  %cs = arith.constant 0.0 : f32
  %fs = linalg.fill ins(%cs : f32) outs(%es : tensor<2x1x50x50xf32>) -> tensor<2x1x50x50xf32>
  %s = linalg.generic {indexing_maps = [affine_map<(h, g, n, t, d) -> (h, g, n, d)>, affine_map<(h, g, n, t, d) -> (h, t, d)>, affine_map<(h, g, n, t, d) -> (h, g, n, t)>],
      iterator_types = ["parallel", "parallel", "parallel", "parallel", "reduction"]} ins(%q, %k : tensor<2x1x50x40xbf16>, tensor<2x50x40xbf16>)
      outs(%fs : tensor<2x1x50x50xf32>) attrs = {memwall.schedule = #memwall.schedule<group = "g">} {
  ^bb0(%i0: bf16, %i1: bf16, %o: f32):
    %x0 = arith.extf %i0 : bf16 to f32
    %x1 = arith.extf %i1 : bf16 to f32
    %m = arith.mulf %x0, %x1 : f32
    %r = arith.addf %o, %m : f32
    linalg.yield %r : f32
  } -> tensor<2x1x50x50xf32>
  %ew = tensor.empty() : tensor<2x1x50x50xf32>
  %w = linalg.generic {indexing_maps = [affine_map<(h, g, n, t) -> (h, g, n, t)>, affine_map<(h, g, n, t) -> (h, g, n, t)>],
      iterator_types = ["parallel", "parallel", "parallel", "parallel"]} ins(%s : tensor<2x1x50x50xf32>)
      outs(%ew : tensor<2x1x50x50xf32>) attrs = {memwall.schedule = #memwall.schedule<group = "g">} {
  ^bb0(%i0: f32, %o: f32):
    %sc = arith.constant 0.08838834764 : f32
    %y = arith.mulf %i0, %sc : f32
    %a = linalg.index 2 : index
    %b = linalg.index 3 : index
    %low = arith.constant 0xFF800000 : f32
    %keep = arith.cmpi sge, %a, %b : index
    %r = arith.select %keep, %y, %low : f32
    linalg.yield %r : f32
  } -> tensor<2x1x50x50xf32>
  %emx = tensor.empty() : tensor<2x1x50xf32>
  %cmx = arith.constant 0xFF800000 : f32
  %fmx = linalg.fill ins(%cmx : f32) outs(%emx : tensor<2x1x50xf32>) -> tensor<2x1x50xf32>
  %mx = linalg.generic {indexing_maps = [affine_map<(h, g, n, t) -> (h, g, n, t)>, affine_map<(h, g, n, t) -> (h, g, n)>],
      iterator_types = ["parallel", "parallel", "parallel", "reduction"]} ins(%w : tensor<2x1x50x50xf32>)
      outs(%fmx : tensor<2x1x50xf32>) attrs = {memwall.schedule = #memwall.schedule<stream = [<"l1", dim = 3, size = 24>], group = "g">} {
  ^bb0(%i0: f32, %o: f32):
    %r = arith.maximumf %i0, %o : f32
    linalg.yield %r : f32
  } -> tensor<2x1x50xf32>
  %ep = tensor.empty() : tensor<2x1x50x50xf32>
  %p = linalg.generic {indexing_maps = [affine_map<(h, g, n, t) -> (h, g, n, t)>, affine_map<(h, g, n, t) -> (h, g, n)>, affine_map<(h, g, n, t) -> (h, g, n, t)>],
      iterator_types = ["parallel", "parallel", "parallel", "parallel"]} ins(%w, %mx : tensor<2x1x50x50xf32>, tensor<2x1x50xf32>)
      outs(%ep : tensor<2x1x50x50xf32>) attrs = {memwall.schedule = #memwall.schedule<group = "g">} {
  ^bb0(%i0: f32, %i1: f32, %o: f32):
    %d = arith.subf %i0, %i1 : f32
    %r = math.exp %d : f32
    linalg.yield %r : f32
  } -> tensor<2x1x50x50xf32>
  %el = tensor.empty() : tensor<2x1x50xf32>
  %cl = arith.constant 0.0 : f32
  %fl = linalg.fill ins(%cl : f32) outs(%el : tensor<2x1x50xf32>) -> tensor<2x1x50xf32>
  %l = linalg.generic {indexing_maps = [affine_map<(h, g, n, t) -> (h, g, n, t)>, affine_map<(h, g, n, t) -> (h, g, n)>],
      iterator_types = ["parallel", "parallel", "parallel", "reduction"]} ins(%p : tensor<2x1x50x50xf32>)
      outs(%fl : tensor<2x1x50xf32>) attrs = {memwall.schedule = #memwall.schedule<group = "g">} {
  ^bb0(%i0: f32, %o: f32):
    %r = arith.addf %i0, %o : f32
    linalg.yield %r : f32
  } -> tensor<2x1x50xf32>
  %ez = tensor.empty() : tensor<2x1x50x50xf32>
  %z = linalg.generic {indexing_maps = [affine_map<(h, g, n, t) -> (h, g, n, t)>, affine_map<(h, g, n, t) -> (h, g, n)>, affine_map<(h, g, n, t) -> (h, g, n, t)>],
      iterator_types = ["parallel", "parallel", "parallel", "parallel"]} ins(%p, %l : tensor<2x1x50x50xf32>, tensor<2x1x50xf32>)
      outs(%ez : tensor<2x1x50x50xf32>) attrs = {memwall.schedule = #memwall.schedule<group = "g">} {
  ^bb0(%i0: f32, %i1: f32, %o: f32):
    %r = arith.divf %i0, %i1 : f32
    linalg.yield %r : f32
  } -> tensor<2x1x50x50xf32>
  %ea = tensor.empty() : tensor<2x1x50x40xf32>
  %ca = arith.constant 0.0 : f32
  %fa = linalg.fill ins(%ca : f32) outs(%ea : tensor<2x1x50x40xf32>) -> tensor<2x1x50x40xf32>
  %a = linalg.generic {indexing_maps = [affine_map<(h, g, n, d, t) -> (h, g, n, t)>, affine_map<(h, g, n, d, t) -> (h, t, d)>, affine_map<(h, g, n, d, t) -> (h, g, n, d)>],
      iterator_types = ["parallel", "parallel", "parallel", "parallel", "reduction"]} ins(%z, %v : tensor<2x1x50x50xf32>, tensor<2x50x40xbf16>)
      outs(%fa : tensor<2x1x50x40xf32>) attrs = {memwall.schedule = #memwall.schedule<bands = [<"l2", sizes = [1, 1, 16, 0, 0], order = [0, 1, 2]>], group = "g">} {
  ^bb0(%i0: f32, %i1: bf16, %o: f32):
    %x1 = arith.extf %i1 : bf16 to f32
    %m = arith.mulf %i0, %x1 : f32
    %r = arith.addf %o, %m : f32
    linalg.yield %r : f32
  } -> tensor<2x1x50x40xf32>
  return %a : tensor<2x1x50x40xf32>
}
func.func @window(%q: tensor<1x2x70x16xf32>, %k: tensor<1x70x16xf32>, %v: tensor<1x70x16xf32>) -> tensor<1x2x70x16xf32> {
  %es = tensor.empty() : tensor<1x2x70x70xf32>
  %cs = arith.constant 0.0 : f32
  %fs = linalg.fill ins(%cs : f32) outs(%es : tensor<1x2x70x70xf32>) -> tensor<1x2x70x70xf32>
  %s = linalg.generic {indexing_maps = [affine_map<(h, g, n, t, d) -> (h, g, n, d)>, affine_map<(h, g, n, t, d) -> (h, t, d)>, affine_map<(h, g, n, t, d) -> (h, g, n, t)>],
      iterator_types = ["parallel", "parallel", "parallel", "parallel", "reduction"]} ins(%q, %k : tensor<1x2x70x16xf32>, tensor<1x70x16xf32>)
      outs(%fs : tensor<1x2x70x70xf32>) attrs = {memwall.schedule = #memwall.schedule<group = "g">} {
  ^bb0(%i0: f32, %i1: f32, %o: f32):
    %m = arith.mulf %i0, %i1 : f32
    %r = arith.addf %o, %m : f32
    linalg.yield %r : f32
  } -> tensor<1x2x70x70xf32>
  %ew = tensor.empty() : tensor<1x2x70x70xf32>
  %w = linalg.generic {indexing_maps = [affine_map<(h, g, n, t) -> (h, g, n, t)>, affine_map<(h, g, n, t) -> (h, g, n, t)>],
      iterator_types = ["parallel", "parallel", "parallel", "parallel"]} ins(%s : tensor<1x2x70x70xf32>)
      outs(%ew : tensor<1x2x70x70xf32>) attrs = {memwall.schedule = #memwall.schedule<group = "g">} {
  ^bb0(%i0: f32, %o: f32):
    %sc = arith.constant 0.08838834764 : f32
    %y = arith.mulf %i0, %sc : f32
    %a = linalg.index 2 : index
    %b = linalg.index 3 : index
    %low = arith.constant 0xFF800000 : f32
    %w = arith.constant 9 : index
    %e = arith.addi %b, %w : index
    %c1 = arith.cmpi sge, %a, %b : index
    %c2 = arith.cmpi slt, %a, %e : index
    %keep = arith.andi %c1, %c2 : i1
    %r = arith.select %keep, %y, %low : f32
    linalg.yield %r : f32
  } -> tensor<1x2x70x70xf32>
  %emx = tensor.empty() : tensor<1x2x70xf32>
  %cmx = arith.constant 0xFF800000 : f32
  %fmx = linalg.fill ins(%cmx : f32) outs(%emx : tensor<1x2x70xf32>) -> tensor<1x2x70xf32>
  %mx = linalg.generic {indexing_maps = [affine_map<(h, g, n, t) -> (h, g, n, t)>, affine_map<(h, g, n, t) -> (h, g, n)>],
      iterator_types = ["parallel", "parallel", "parallel", "reduction"]} ins(%w : tensor<1x2x70x70xf32>)
      outs(%fmx : tensor<1x2x70xf32>) attrs = {memwall.schedule = #memwall.schedule<stream = [<"l1", dim = 3, size = 17>], group = "g">} {
  ^bb0(%i0: f32, %o: f32):
    %r = arith.maximumf %i0, %o : f32
    linalg.yield %r : f32
  } -> tensor<1x2x70xf32>
  %ep = tensor.empty() : tensor<1x2x70x70xf32>
  %p = linalg.generic {indexing_maps = [affine_map<(h, g, n, t) -> (h, g, n, t)>, affine_map<(h, g, n, t) -> (h, g, n)>, affine_map<(h, g, n, t) -> (h, g, n, t)>],
      iterator_types = ["parallel", "parallel", "parallel", "parallel"]} ins(%w, %mx : tensor<1x2x70x70xf32>, tensor<1x2x70xf32>)
      outs(%ep : tensor<1x2x70x70xf32>) attrs = {memwall.schedule = #memwall.schedule<group = "g">} {
  ^bb0(%i0: f32, %i1: f32, %o: f32):
    %d = arith.subf %i0, %i1 : f32
    %r = math.exp %d : f32
    linalg.yield %r : f32
  } -> tensor<1x2x70x70xf32>
  %el = tensor.empty() : tensor<1x2x70xf32>
  %cl = arith.constant 0.0 : f32
  %fl = linalg.fill ins(%cl : f32) outs(%el : tensor<1x2x70xf32>) -> tensor<1x2x70xf32>
  %l = linalg.generic {indexing_maps = [affine_map<(h, g, n, t) -> (h, g, n, t)>, affine_map<(h, g, n, t) -> (h, g, n)>],
      iterator_types = ["parallel", "parallel", "parallel", "reduction"]} ins(%p : tensor<1x2x70x70xf32>)
      outs(%fl : tensor<1x2x70xf32>) attrs = {memwall.schedule = #memwall.schedule<group = "g">} {
  ^bb0(%i0: f32, %o: f32):
    %r = arith.addf %i0, %o : f32
    linalg.yield %r : f32
  } -> tensor<1x2x70xf32>
  %ez = tensor.empty() : tensor<1x2x70x70xf32>
  %z = linalg.generic {indexing_maps = [affine_map<(h, g, n, t) -> (h, g, n, t)>, affine_map<(h, g, n, t) -> (h, g, n)>, affine_map<(h, g, n, t) -> (h, g, n, t)>],
      iterator_types = ["parallel", "parallel", "parallel", "parallel"]} ins(%p, %l : tensor<1x2x70x70xf32>, tensor<1x2x70xf32>)
      outs(%ez : tensor<1x2x70x70xf32>) attrs = {memwall.schedule = #memwall.schedule<group = "g">} {
  ^bb0(%i0: f32, %i1: f32, %o: f32):
    %r = arith.divf %i0, %i1 : f32
    linalg.yield %r : f32
  } -> tensor<1x2x70x70xf32>
  %ea = tensor.empty() : tensor<1x2x70x16xf32>
  %ca = arith.constant 0.0 : f32
  %fa = linalg.fill ins(%ca : f32) outs(%ea : tensor<1x2x70x16xf32>) -> tensor<1x2x70x16xf32>
  %a = linalg.generic {indexing_maps = [affine_map<(h, g, n, d, t) -> (h, g, n, t)>, affine_map<(h, g, n, d, t) -> (h, t, d)>, affine_map<(h, g, n, d, t) -> (h, g, n, d)>],
      iterator_types = ["parallel", "parallel", "parallel", "parallel", "reduction"]} ins(%z, %v : tensor<1x2x70x70xf32>, tensor<1x70x16xf32>)
      outs(%fa : tensor<1x2x70x16xf32>) attrs = {memwall.schedule = #memwall.schedule<bands = [<"l2", sizes = [1, 1, 32, 0, 0], order = [0, 1, 2]>], group = "g">} {
  ^bb0(%i0: f32, %i1: f32, %o: f32):
    %m = arith.mulf %i0, %i1 : f32
    %r = arith.addf %o, %m : f32
    linalg.yield %r : f32
  } -> tensor<1x2x70x16xf32>
  return %a : tensor<1x2x70x16xf32>
}
func.func @units(%q: tensor<3x1x67x33xbf16>, %k: tensor<3x130x33xbf16>, %v: tensor<3x130x33xbf16>) -> tensor<3x1x67x33xf32> {
  %es = tensor.empty() : tensor<3x1x67x130xf32>
  %cs = arith.constant 0.0 : f32
  %fs = linalg.fill ins(%cs : f32) outs(%es : tensor<3x1x67x130xf32>) -> tensor<3x1x67x130xf32>
  %s = linalg.generic {indexing_maps = [affine_map<(h, g, n, t, d) -> (h, g, n, d)>, affine_map<(h, g, n, t, d) -> (h, t, d)>, affine_map<(h, g, n, t, d) -> (h, g, n, t)>],
      iterator_types = ["parallel", "parallel", "parallel", "parallel", "reduction"]} ins(%q, %k : tensor<3x1x67x33xbf16>, tensor<3x130x33xbf16>)
      outs(%fs : tensor<3x1x67x130xf32>) attrs = {memwall.schedule = #memwall.schedule<group = "g">} {
  ^bb0(%i0: bf16, %i1: bf16, %o: f32):
    %x0 = arith.extf %i0 : bf16 to f32
    %x1 = arith.extf %i1 : bf16 to f32
    %m = arith.mulf %x0, %x1 : f32
    %r = arith.addf %o, %m : f32
    linalg.yield %r : f32
  } -> tensor<3x1x67x130xf32>
  %ew = tensor.empty() : tensor<3x1x67x130xf32>
  %w = linalg.generic {indexing_maps = [affine_map<(h, g, n, t) -> (h, g, n, t)>, affine_map<(h, g, n, t) -> (h, g, n, t)>],
      iterator_types = ["parallel", "parallel", "parallel", "parallel"]} ins(%s : tensor<3x1x67x130xf32>)
      outs(%ew : tensor<3x1x67x130xf32>) attrs = {memwall.schedule = #memwall.schedule<group = "g">} {
  ^bb0(%i0: f32, %o: f32):
    %sc = arith.constant 0.08838834764 : f32
    %y = arith.mulf %i0, %sc : f32
    linalg.yield %y : f32
  } -> tensor<3x1x67x130xf32>
  %emx = tensor.empty() : tensor<3x1x67xf32>
  %cmx = arith.constant 0xFF800000 : f32
  %fmx = linalg.fill ins(%cmx : f32) outs(%emx : tensor<3x1x67xf32>) -> tensor<3x1x67xf32>
  %mx = linalg.generic {indexing_maps = [affine_map<(h, g, n, t) -> (h, g, n, t)>, affine_map<(h, g, n, t) -> (h, g, n)>],
      iterator_types = ["parallel", "parallel", "parallel", "reduction"]} ins(%w : tensor<3x1x67x130xf32>)
      outs(%fmx : tensor<3x1x67xf32>) attrs = {memwall.schedule = #memwall.schedule<stream = [<"l1", dim = 3, size = 64>], group = "g">} {
  ^bb0(%i0: f32, %o: f32):
    %r = arith.maximumf %i0, %o : f32
    linalg.yield %r : f32
  } -> tensor<3x1x67xf32>
  %ep = tensor.empty() : tensor<3x1x67x130xf32>
  %p = linalg.generic {indexing_maps = [affine_map<(h, g, n, t) -> (h, g, n, t)>, affine_map<(h, g, n, t) -> (h, g, n)>, affine_map<(h, g, n, t) -> (h, g, n, t)>],
      iterator_types = ["parallel", "parallel", "parallel", "parallel"]} ins(%w, %mx : tensor<3x1x67x130xf32>, tensor<3x1x67xf32>)
      outs(%ep : tensor<3x1x67x130xf32>) attrs = {memwall.schedule = #memwall.schedule<group = "g">} {
  ^bb0(%i0: f32, %i1: f32, %o: f32):
    %d = arith.subf %i0, %i1 : f32
    %r = math.exp %d : f32
    linalg.yield %r : f32
  } -> tensor<3x1x67x130xf32>
  %el = tensor.empty() : tensor<3x1x67xf32>
  %cl = arith.constant 0.0 : f32
  %fl = linalg.fill ins(%cl : f32) outs(%el : tensor<3x1x67xf32>) -> tensor<3x1x67xf32>
  %l = linalg.generic {indexing_maps = [affine_map<(h, g, n, t) -> (h, g, n, t)>, affine_map<(h, g, n, t) -> (h, g, n)>],
      iterator_types = ["parallel", "parallel", "parallel", "reduction"]} ins(%p : tensor<3x1x67x130xf32>)
      outs(%fl : tensor<3x1x67xf32>) attrs = {memwall.schedule = #memwall.schedule<group = "g">} {
  ^bb0(%i0: f32, %o: f32):
    %r = arith.addf %i0, %o : f32
    linalg.yield %r : f32
  } -> tensor<3x1x67xf32>
  %ez = tensor.empty() : tensor<3x1x67x130xf32>
  %z = linalg.generic {indexing_maps = [affine_map<(h, g, n, t) -> (h, g, n, t)>, affine_map<(h, g, n, t) -> (h, g, n)>, affine_map<(h, g, n, t) -> (h, g, n, t)>],
      iterator_types = ["parallel", "parallel", "parallel", "parallel"]} ins(%p, %l : tensor<3x1x67x130xf32>, tensor<3x1x67xf32>)
      outs(%ez : tensor<3x1x67x130xf32>) attrs = {memwall.schedule = #memwall.schedule<group = "g">} {
  ^bb0(%i0: f32, %i1: f32, %o: f32):
    %r = arith.divf %i0, %i1 : f32
    linalg.yield %r : f32
  } -> tensor<3x1x67x130xf32>
  %ea = tensor.empty() : tensor<3x1x67x33xf32>
  %ca = arith.constant 0.0 : f32
  %fa = linalg.fill ins(%ca : f32) outs(%ea : tensor<3x1x67x33xf32>) -> tensor<3x1x67x33xf32>
  %a = linalg.generic {indexing_maps = [affine_map<(h, g, n, d, t) -> (h, g, n, t)>, affine_map<(h, g, n, d, t) -> (h, t, d)>, affine_map<(h, g, n, d, t) -> (h, g, n, d)>],
      iterator_types = ["parallel", "parallel", "parallel", "parallel", "reduction"]} ins(%z, %v : tensor<3x1x67x130xf32>, tensor<3x130x33xbf16>)
      outs(%fa : tensor<3x1x67x33xf32>) attrs = {memwall.schedule = #memwall.schedule<units = 2, bands = [<"l2", sizes = [1, 1, 30, 0, 0], order = [0, 1, 2], parallel = [0]>], group = "g">} {
  ^bb0(%i0: f32, %i1: bf16, %o: f32):
    %x1 = arith.extf %i1 : bf16 to f32
    %m = arith.mulf %i0, %x1 : f32
    %r = arith.addf %o, %m : f32
    linalg.yield %r : f32
  } -> tensor<3x1x67x33xf32>
  return %a : tensor<3x1x67x33xf32>
}
func.func @decode(%q: tensor<2x4x1x64xf32>, %k: tensor<2x300x64xf32>, %v: tensor<2x300x64xf32>) -> tensor<2x4x1x64xf32> {
  %es = tensor.empty() : tensor<2x4x1x300xf32>
  %cs = arith.constant 0.0 : f32
  %fs = linalg.fill ins(%cs : f32) outs(%es : tensor<2x4x1x300xf32>) -> tensor<2x4x1x300xf32>
  %s = linalg.generic {indexing_maps = [affine_map<(h, g, n, t, d) -> (h, g, n, d)>, affine_map<(h, g, n, t, d) -> (h, t, d)>, affine_map<(h, g, n, t, d) -> (h, g, n, t)>],
      iterator_types = ["parallel", "parallel", "parallel", "parallel", "reduction"]} ins(%q, %k : tensor<2x4x1x64xf32>, tensor<2x300x64xf32>)
      outs(%fs : tensor<2x4x1x300xf32>) attrs = {memwall.schedule = #memwall.schedule<group = "g">} {
  ^bb0(%i0: f32, %i1: f32, %o: f32):
    %m = arith.mulf %i0, %i1 : f32
    %r = arith.addf %o, %m : f32
    linalg.yield %r : f32
  } -> tensor<2x4x1x300xf32>
  %ew = tensor.empty() : tensor<2x4x1x300xf32>
  %w = linalg.generic {indexing_maps = [affine_map<(h, g, n, t) -> (h, g, n, t)>, affine_map<(h, g, n, t) -> (h, g, n, t)>],
      iterator_types = ["parallel", "parallel", "parallel", "parallel"]} ins(%s : tensor<2x4x1x300xf32>)
      outs(%ew : tensor<2x4x1x300xf32>) attrs = {memwall.schedule = #memwall.schedule<group = "g">} {
  ^bb0(%i0: f32, %o: f32):
    %sc = arith.constant 0.125 : f32
    %y = arith.mulf %i0, %sc : f32
    linalg.yield %y : f32
  } -> tensor<2x4x1x300xf32>
  %emx = tensor.empty() : tensor<2x4x1xf32>
  %cmx = arith.constant 0xFF800000 : f32
  %fmx = linalg.fill ins(%cmx : f32) outs(%emx : tensor<2x4x1xf32>) -> tensor<2x4x1xf32>
  %mx = linalg.generic {indexing_maps = [affine_map<(h, g, n, t) -> (h, g, n, t)>, affine_map<(h, g, n, t) -> (h, g, n)>],
      iterator_types = ["parallel", "parallel", "parallel", "reduction"]} ins(%w : tensor<2x4x1x300xf32>)
      outs(%fmx : tensor<2x4x1xf32>) attrs = {memwall.schedule = #memwall.schedule<stream = [<"l1", dim = 3, size = 70>], group = "g">} {
  ^bb0(%i0: f32, %o: f32):
    %r = arith.maximumf %i0, %o : f32
    linalg.yield %r : f32
  } -> tensor<2x4x1xf32>
  %ep = tensor.empty() : tensor<2x4x1x300xf32>
  %p = linalg.generic {indexing_maps = [affine_map<(h, g, n, t) -> (h, g, n, t)>, affine_map<(h, g, n, t) -> (h, g, n)>, affine_map<(h, g, n, t) -> (h, g, n, t)>],
      iterator_types = ["parallel", "parallel", "parallel", "parallel"]} ins(%w, %mx : tensor<2x4x1x300xf32>, tensor<2x4x1xf32>)
      outs(%ep : tensor<2x4x1x300xf32>) attrs = {memwall.schedule = #memwall.schedule<group = "g">} {
  ^bb0(%i0: f32, %i1: f32, %o: f32):
    %d = arith.subf %i0, %i1 : f32
    %r = math.exp %d : f32
    linalg.yield %r : f32
  } -> tensor<2x4x1x300xf32>
  %el = tensor.empty() : tensor<2x4x1xf32>
  %cl = arith.constant 0.0 : f32
  %fl = linalg.fill ins(%cl : f32) outs(%el : tensor<2x4x1xf32>) -> tensor<2x4x1xf32>
  %l = linalg.generic {indexing_maps = [affine_map<(h, g, n, t) -> (h, g, n, t)>, affine_map<(h, g, n, t) -> (h, g, n)>],
      iterator_types = ["parallel", "parallel", "parallel", "reduction"]} ins(%p : tensor<2x4x1x300xf32>)
      outs(%fl : tensor<2x4x1xf32>) attrs = {memwall.schedule = #memwall.schedule<group = "g">} {
  ^bb0(%i0: f32, %o: f32):
    %r = arith.addf %i0, %o : f32
    linalg.yield %r : f32
  } -> tensor<2x4x1xf32>
  %ez = tensor.empty() : tensor<2x4x1x300xf32>
  %z = linalg.generic {indexing_maps = [affine_map<(h, g, n, t) -> (h, g, n, t)>, affine_map<(h, g, n, t) -> (h, g, n)>, affine_map<(h, g, n, t) -> (h, g, n, t)>],
      iterator_types = ["parallel", "parallel", "parallel", "parallel"]} ins(%p, %l : tensor<2x4x1x300xf32>, tensor<2x4x1xf32>)
      outs(%ez : tensor<2x4x1x300xf32>) attrs = {memwall.schedule = #memwall.schedule<group = "g">} {
  ^bb0(%i0: f32, %i1: f32, %o: f32):
    %r = arith.divf %i0, %i1 : f32
    linalg.yield %r : f32
  } -> tensor<2x4x1x300xf32>
  %ea = tensor.empty() : tensor<2x4x1x64xf32>
  %ca = arith.constant 0.0 : f32
  %fa = linalg.fill ins(%ca : f32) outs(%ea : tensor<2x4x1x64xf32>) -> tensor<2x4x1x64xf32>
  %a = linalg.generic {indexing_maps = [affine_map<(h, g, n, d, t) -> (h, g, n, t)>, affine_map<(h, g, n, d, t) -> (h, t, d)>, affine_map<(h, g, n, d, t) -> (h, g, n, d)>],
      iterator_types = ["parallel", "parallel", "parallel", "parallel", "reduction"]} ins(%z, %v : tensor<2x4x1x300xf32>, tensor<2x300x64xf32>)
      outs(%fa : tensor<2x4x1x64xf32>) attrs = {memwall.schedule = #memwall.schedule<bands = [<"l2", sizes = [1, 0, 0, 0, 0], order = [0]>], group = "g">} {
  ^bb0(%i0: f32, %i1: f32, %o: f32):
    %m = arith.mulf %i0, %i1 : f32
    %r = arith.addf %o, %m : f32
    linalg.yield %r : f32
  } -> tensor<2x4x1x64xf32>
  return %a : tensor<2x4x1x64xf32>
}
func.func @decodebf16(%q: tensor<2x3x1x40xbf16>, %k: tensor<2x257x40xbf16>, %v: tensor<2x257x40xbf16>) -> tensor<2x3x1x40xf32> {
  %es = tensor.empty() : tensor<2x3x1x257xf32>
  %cs = arith.constant 0.0 : f32
  %fs = linalg.fill ins(%cs : f32) outs(%es : tensor<2x3x1x257xf32>) -> tensor<2x3x1x257xf32>
  %s = linalg.generic {indexing_maps = [affine_map<(h, g, n, t, d) -> (h, g, n, d)>, affine_map<(h, g, n, t, d) -> (h, t, d)>, affine_map<(h, g, n, t, d) -> (h, g, n, t)>],
      iterator_types = ["parallel", "parallel", "parallel", "parallel", "reduction"]} ins(%q, %k : tensor<2x3x1x40xbf16>, tensor<2x257x40xbf16>)
      outs(%fs : tensor<2x3x1x257xf32>) attrs = {memwall.schedule = #memwall.schedule<group = "g">} {
  ^bb0(%i0: bf16, %i1: bf16, %o: f32):
    %x0 = arith.extf %i0 : bf16 to f32
    %x1 = arith.extf %i1 : bf16 to f32
    %m = arith.mulf %x0, %x1 : f32
    %r = arith.addf %o, %m : f32
    linalg.yield %r : f32
  } -> tensor<2x3x1x257xf32>
  %ew = tensor.empty() : tensor<2x3x1x257xf32>
  %w = linalg.generic {indexing_maps = [affine_map<(h, g, n, t) -> (h, g, n, t)>, affine_map<(h, g, n, t) -> (h, g, n, t)>],
      iterator_types = ["parallel", "parallel", "parallel", "parallel"]} ins(%s : tensor<2x3x1x257xf32>)
      outs(%ew : tensor<2x3x1x257xf32>) attrs = {memwall.schedule = #memwall.schedule<group = "g">} {
  ^bb0(%i0: f32, %o: f32):
    %sc = arith.constant 0.08838834764 : f32
    %y = arith.mulf %i0, %sc : f32
    linalg.yield %y : f32
  } -> tensor<2x3x1x257xf32>
  %emx = tensor.empty() : tensor<2x3x1xf32>
  %cmx = arith.constant 0xFF800000 : f32
  %fmx = linalg.fill ins(%cmx : f32) outs(%emx : tensor<2x3x1xf32>) -> tensor<2x3x1xf32>
  %mx = linalg.generic {indexing_maps = [affine_map<(h, g, n, t) -> (h, g, n, t)>, affine_map<(h, g, n, t) -> (h, g, n)>],
      iterator_types = ["parallel", "parallel", "parallel", "reduction"]} ins(%w : tensor<2x3x1x257xf32>)
      outs(%fmx : tensor<2x3x1xf32>) attrs = {memwall.schedule = #memwall.schedule<stream = [<"l1", dim = 3, size = 128>], group = "g">} {
  ^bb0(%i0: f32, %o: f32):
    %r = arith.maximumf %i0, %o : f32
    linalg.yield %r : f32
  } -> tensor<2x3x1xf32>
  %ep = tensor.empty() : tensor<2x3x1x257xf32>
  %p = linalg.generic {indexing_maps = [affine_map<(h, g, n, t) -> (h, g, n, t)>, affine_map<(h, g, n, t) -> (h, g, n)>, affine_map<(h, g, n, t) -> (h, g, n, t)>],
      iterator_types = ["parallel", "parallel", "parallel", "parallel"]} ins(%w, %mx : tensor<2x3x1x257xf32>, tensor<2x3x1xf32>)
      outs(%ep : tensor<2x3x1x257xf32>) attrs = {memwall.schedule = #memwall.schedule<group = "g">} {
  ^bb0(%i0: f32, %i1: f32, %o: f32):
    %d = arith.subf %i0, %i1 : f32
    %r = math.exp %d : f32
    linalg.yield %r : f32
  } -> tensor<2x3x1x257xf32>
  %el = tensor.empty() : tensor<2x3x1xf32>
  %cl = arith.constant 0.0 : f32
  %fl = linalg.fill ins(%cl : f32) outs(%el : tensor<2x3x1xf32>) -> tensor<2x3x1xf32>
  %l = linalg.generic {indexing_maps = [affine_map<(h, g, n, t) -> (h, g, n, t)>, affine_map<(h, g, n, t) -> (h, g, n)>],
      iterator_types = ["parallel", "parallel", "parallel", "reduction"]} ins(%p : tensor<2x3x1x257xf32>)
      outs(%fl : tensor<2x3x1xf32>) attrs = {memwall.schedule = #memwall.schedule<group = "g">} {
  ^bb0(%i0: f32, %o: f32):
    %r = arith.addf %i0, %o : f32
    linalg.yield %r : f32
  } -> tensor<2x3x1xf32>
  %ez = tensor.empty() : tensor<2x3x1x257xf32>
  %z = linalg.generic {indexing_maps = [affine_map<(h, g, n, t) -> (h, g, n, t)>, affine_map<(h, g, n, t) -> (h, g, n)>, affine_map<(h, g, n, t) -> (h, g, n, t)>],
      iterator_types = ["parallel", "parallel", "parallel", "parallel"]} ins(%p, %l : tensor<2x3x1x257xf32>, tensor<2x3x1xf32>)
      outs(%ez : tensor<2x3x1x257xf32>) attrs = {memwall.schedule = #memwall.schedule<group = "g">} {
  ^bb0(%i0: f32, %i1: f32, %o: f32):
    %r = arith.divf %i0, %i1 : f32
    linalg.yield %r : f32
  } -> tensor<2x3x1x257xf32>
  %ea = tensor.empty() : tensor<2x3x1x40xf32>
  %ca = arith.constant 0.0 : f32
  %fa = linalg.fill ins(%ca : f32) outs(%ea : tensor<2x3x1x40xf32>) -> tensor<2x3x1x40xf32>
  %a = linalg.generic {indexing_maps = [affine_map<(h, g, n, d, t) -> (h, g, n, t)>, affine_map<(h, g, n, d, t) -> (h, t, d)>, affine_map<(h, g, n, d, t) -> (h, g, n, d)>],
      iterator_types = ["parallel", "parallel", "parallel", "parallel", "reduction"]} ins(%z, %v : tensor<2x3x1x257xf32>, tensor<2x257x40xbf16>)
      outs(%fa : tensor<2x3x1x40xf32>) attrs = {memwall.schedule = #memwall.schedule<bands = [<"l2", sizes = [1, 0, 0, 0, 0], order = [0]>], group = "g">} {
  ^bb0(%i0: f32, %i1: bf16, %o: f32):
    %x1 = arith.extf %i1 : bf16 to f32
    %m = arith.mulf %i0, %x1 : f32
    %r = arith.addf %o, %m : f32
    linalg.yield %r : f32
  } -> tensor<2x3x1x40xf32>
  return %a : tensor<2x3x1x40xf32>
}
