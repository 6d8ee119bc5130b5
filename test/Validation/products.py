"""Matrix products on shipped targets, as they are and as the search tiles them."""

import os
import subprocess

from ir import Rng
from progress import Progress, work_off

TARGETS = ["ddr5-2ch", "epyc-9654", "grace"]  # All levels are caches.
ELEMENTS = [("i8", "i32"), ("f16", "f32"), ("f32", "f32")]
LARGEST_SIDE = 600
# Products whose sides are logarithmically spread; the rest's are evenly.
SMALL_COUNT = 100
FOLDER = os.path.join(os.path.dirname(__file__), "../../lib/Target/targets")


def read_target(name):
    """The head of a module with a target."""
    with open(os.path.join(FOLDER, f"{name}.mlir")) as file:
        text = file.read().rstrip()
    assert text.endswith("} {}"), name
    return text[:-len("{}")]


class Product:
    """Product `number`, untiled."""

    family = "product"

    def __init__(self, seed, number):
        r = Rng(seed, number)
        element, total = r.choice(ELEMENTS)
        side = lambda: (r.log_between(1, LARGEST_SIDE + 1)
                        if number < SMALL_COUNT else r.between(1, LARGEST_SIDE))
        m, n, k = side(), side(), side()
        target = TARGETS[number % len(TARGETS)]
        self.name = f"P{seed}/{number}"
        self.shape = f"{element}->{total} m={m} n={n} k={k} on {target}"
        a, b, c = (f"tensor<{m}x{k}x{element}>", f"tensor<{k}x{n}x{element}>",
                   f"tensor<{m}x{n}x{total}>")
        zero = "0" if total == "i32" else "0.0"
        self.text = (
            f"// {self.shape}\n{read_target(target)}{{\n"
            f"  func.func @f(%a: {a}, %b: {b}) -> {c} {{\n"
            f"    %zero = arith.constant {zero} : {total}\n"
            f"    %e = tensor.empty() : {c}\n"
            f"    %i = linalg.fill ins(%zero : {total}) outs(%e : {c}) -> {c}\n"
            f"    %r = linalg.matmul ins(%a, %b : {a}, {b}) outs(%i : {c}) -> {c}\n"
            f"    return %r : {c}\n  }}\n}}\n")


class TiledProduct:
    """The same as the search tiles it."""

    family = "product, tiled"

    def __init__(self, product, text):
        self.name, self.shape = product.name + "t", product.shape + ", tiled"
        self.text = text


def list_products(seed, count, optimizer, jobs):
    """Every product untiled and tiled; fails when the optimizer does."""
    products = [Product(seed, number) for number in range(count)]
    tiled = {}

    def work(product):
        run = subprocess.run([optimizer, "--memwall-optimize", "-"], text=True,
                             input=product.text, capture_output=True, check=True)
        tiled[product.name] = run.stdout
        return 1

    work_off(products, jobs, Progress(count, "products tiled"), work)
    return [sample for product in products for sample in
            (product, TiledProduct(product, tiled[product.name]))]
