# Deals the streams of streams.mlir out in parts, for 4 units.
s/size = 33>/size = 33, parts = 2>/
s/size = 24>/size = 24, parts = 3>/
s/size = 17>/size = 17, parts = 5>/
s/size = 64>/size = 64, parts = 3>/
s/size = 70>/size = 70, parts = 3>/
s/size = 128>/size = 128, parts = 3>/
s/order = \(\[[^]]*\]\)>\], group/order = \1>], units = 4, group/
