//===- TensorFile.cpp - Tensors of a run as JSON --------------------------===//

#include "TensorFile.h"
#include "mlir/IR/BuiltinTypes.h"
#include "llvm/Support/JSON.h"
#include "llvm/Support/MemoryBuffer.h"
#include "llvm/Support/raw_ostream.h"
#include <cmath>

using namespace memwall;

static void writeNumber(llvm::json::OStream &json, double number) {
  if (std::isfinite(number))
    json.value(number);
  else
    json.value(std::isnan(number) ? "nan" : number > 0 ? "inf" : "-inf");
}

static void writeTensor(llvm::json::OStream &json, const HostTensor &tensor) {
  std::string type;
  llvm::raw_string_ostream(type) << tensor.elementType;
  json.object([&] {
    json.attribute("type", type);
    json.attributeArray("shape", [&] {
      for (int64_t size : tensor.shape)
        json.value(size);
    });
    json.attributeArray("data", [&] {
      for (int64_t i = 0, e = tensor.elements(); i != e; ++i)
        writeNumber(json, tensor.getNumber(i));
    });
  });
}

llvm::Error memwall::writeTensors(llvm::StringRef path,
                                  llvm::ArrayRef<HostTensor> tensors) {
  std::error_code error;
  llvm::raw_fd_ostream os(path, error);
  if (!error) {
    llvm::json::OStream json(os);
    json.array([&] {
      for (const HostTensor &tensor : tensors)
        writeTensor(json, tensor);
    });
    os << "\n";
    os.close();
    error = os.error();
    os.clear_error();
  }
  if (!error)
    return llvm::Error::success();
  return llvm::createStringError("cannot write '" + path +
                                 "': " + error.message());
}

/// The numbers of one argument; an empty list for null.
static llvm::Expected<std::vector<double>>
readNumbers(const llvm::json::Value &value) {
  std::vector<double> numbers;
  if (value.getAsNull())
    return numbers;
  const llvm::json::Object *object = value.getAsObject();
  const llvm::json::Array *data = object ? object->getArray("data") : nullptr;
  if (!data)
    return llvm::createStringError("expected null or an object with \"data\"");
  for (const llvm::json::Value &element : *data) {
    std::optional<double> number = element.getAsNumber();
    if (!number)
      return llvm::createStringError("expected a number in \"data\"");
    numbers.push_back(*number);
  }
  return numbers;
}

llvm::Expected<InputNumbers> memwall::readInputs(llvm::StringRef path) {
  auto buffer = llvm::MemoryBuffer::getFile(path);
  if (!buffer)
    return llvm::createStringError("cannot read '" + path +
                                   "': " + buffer.getError().message());
  auto parsed = llvm::json::parse((*buffer)->getBuffer());
  if (!parsed)
    return parsed.takeError();
  const llvm::json::Array *arguments = parsed->getAsArray();
  if (!arguments)
    return llvm::createStringError("expected '" + path +
                                   "' to be an array with one entry per "
                                   "argument");
  InputNumbers inputs;
  for (const llvm::json::Value &argument : *arguments) {
    auto numbers = readNumbers(argument);
    if (!numbers)
      return numbers.takeError();
    inputs.push_back(std::move(*numbers));
  }
  return inputs;
}
