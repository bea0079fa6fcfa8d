// Handles: slots with generations for tensors and generators, and the account of native memory told to V8.
#include "door.h"

#include <unordered_map>

namespace arclet {
namespace {

constexpr double kSlots = 16777216.0;  // 2^24 live objects; the generation takes the other 29 bits of a double
constexpr int64_t kTellEvery = 8 << 20;

template <class T>
struct Slots {
  struct Slot {
    T value;
    uint32_t generation = 1;
    bool live = false;
    int64_t bytes = 0;
  };
  std::vector<Slot> slots;
  std::vector<uint32_t> free;
  int64_t live = 0;
  const char* what;

  explicit Slots(const char* name) : what(name) {}

  double keep(T value, int64_t bytes) {
    if (free.empty()) {
      if (slots.size() >= static_cast<size_t>(kSlots)) throw Refusal(std::string("too many live ") + what + "s");
      free.push_back(static_cast<uint32_t>(slots.size()));
      slots.emplace_back();
    }
    uint32_t index = free.back();
    free.pop_back();
    Slot& slot = slots[index];
    slot.value = std::move(value);
    slot.live = true;
    slot.bytes = bytes;
    ++live;
    return slot.generation * kSlots + index;
  }

  Slot& at(double handle) {
    double generation = static_cast<double>(static_cast<uint64_t>(handle / kSlots));
    double index = handle - generation * kSlots;
    if (!(handle >= kSlots) || !(index < static_cast<double>(slots.size())))
      throw Refusal(std::string("not a live ") + what);
    Slot& slot = slots[static_cast<uint32_t>(index)];
    if (!slot.live || slot.generation != static_cast<uint32_t>(generation))
      throw Refusal(std::string(what) + " is disposed");
    return slot;
  }

  int64_t drop(double handle) {
    Slot& slot = at(handle);
    int64_t bytes = slot.bytes;
    slot.live = false;
    slot.generation = slot.generation % 0x1FFFFFFF + 1;
    --live;
    free.push_back(static_cast<uint32_t>(handle - static_cast<double>(static_cast<uint64_t>(handle / kSlots)) * kSlots));
    T dying = std::move(slot.value);
    slot.value = T();
    return bytes;
  }
};

thread_local Slots<at::Tensor> tensors("tensor");
thread_local Slots<at::Generator> generators("generator");
thread_local int64_t bytes_live = 0;
thread_local int64_t bytes_told = 0;

// A view shares its storage with the tensor it was made from: only the first holder's bytes count.
int64_t own_bytes(const at::Tensor& tensor) {
  if (!tensor.defined() || !tensor.has_storage() || tensor.storage().use_count() > 1) return 0;
  return static_cast<int64_t>(tensor.storage().nbytes());
}

}  // namespace

double keep_tensor(at::Tensor tensor) {
  int64_t bytes = own_bytes(tensor);
  bytes_live += bytes;
  return tensors.keep(std::move(tensor), bytes);
}
const at::Tensor& tensor_at(double handle) { return tensors.at(handle).value; }
void drop_tensor(double handle) { bytes_live -= tensors.drop(handle); }

double keep_generator(at::Generator generator) { return generators.keep(std::move(generator), 0); }
const at::Generator& generator_at(double handle) { return generators.at(handle).value; }
void drop_generator(double handle) { generators.drop(handle); }

int64_t live_tensors() { return tensors.live; }
int64_t live_bytes() { return bytes_live; }

void tell_v8(napi_env env) {
  int64_t change = bytes_live - bytes_told;
  if (change < kTellEvery && change > -kTellEvery) return;
  int64_t total;
  napi_adjust_external_memory(env, change, &total);
  bytes_told = bytes_live;
}

}  // namespace arclet
