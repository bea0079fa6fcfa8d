// Handles: slots with generations for tensors and generators; the native memory that they hold, and how much of it V8 is
// told of: what its collector could free. A scope's tensors are none of that, and V8 would collect in vain at every step.
#include "door.h"

#include <cmath>
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
  };
  std::vector<Slot> slots;
  std::vector<uint32_t> free;
  int64_t live = 0;
  const char* what;
  double sign;  // generators' handles are negative, so that neither kind can be mistaken for the other

  Slots(const char* name, double sign) : what(name), sign(sign) {}

  double keep(T value) {
    if (free.empty()) {
      if (slots.size() >= static_cast<size_t>(kSlots))
        throw Refusal(Code::too_large, std::string("too many live ") + what + "s");
      slots.emplace_back();
      free.push_back(static_cast<uint32_t>(slots.size() - 1));
    }
    uint32_t index = free.back();
    free.pop_back();
    Slot& slot = slots[index];
    slot.value = std::move(value);
    slot.live = true;
    ++live;
    return sign * (slot.generation * kSlots + index);
  }

  uint32_t index_of(double handle) const {
    double number = sign * handle;
    if (number == 0) throw Refusal(Code::argument, std::string(what) + " is disposed");
    if (!(number >= kSlots && number < 9007199254740992.0) || std::trunc(number) != number)
      throw Refusal(Code::argument, std::string("must be a ") + what);
    double generation = std::floor(number / kSlots);
    double index = number - generation * kSlots;
    if (!(index < static_cast<double>(slots.size()))) throw Refusal(Code::argument, std::string("must be a ") + what);
    const Slot& slot = slots[static_cast<uint32_t>(index)];
    if (!slot.live || slot.generation != static_cast<uint32_t>(generation))
      throw Refusal(Code::argument, std::string(what) + " is disposed");
    return static_cast<uint32_t>(index);
  }

  const T& at(double handle) const { return slots[index_of(handle)].value; }

  T drop(double handle) {
    uint32_t index = index_of(handle);
    free.push_back(index);
    Slot& slot = slots[index];
    slot.live = false;
    slot.generation = slot.generation % 0x1FFFFFFF + 1;
    --live;
    T dying = std::move(slot.value);
    slot.value = T();
    return dying;
  }
};

// The storages that JavaScript's tensors hold: views and aliases share one, whose bytes count once.
struct Storages {
  struct Entry {
    int64_t holders = 0;
    int64_t bytes = 0;
  };
  std::unordered_map<const void*, Entry> held;
  int64_t bytes = 0;

  void add(const void* storage, int64_t size) {
    if (storage == nullptr) return;
    Entry& entry = held[storage];
    if (entry.holders++ == 0) {
      entry.bytes = size;
      bytes += size;
    }
  }

  void remove(const void* storage) {
    auto at = held.find(storage);
    if (at == held.end() || --at->second.holders > 0) return;
    bytes -= at->second.bytes;
    held.erase(at);
  }
};

// The memory that a tensor keeps alive; none for one in a mapped file, which the system can take back.
const c10::StorageImpl* storage_of(const at::Tensor& tensor) {
  if (!tensor.defined() || !tensor.has_storage()) return nullptr;
  const c10::StorageImpl* storage = tensor.storage().unsafeGetStorageImpl();
  return storage->resizable() ? storage : nullptr;
}

struct Held {
  at::Tensor tensor;
  const void* storage = nullptr;
  bool left_to_collector = false;
};

thread_local Slots<Held> tensors("tensor", 1);
thread_local Slots<at::Generator> generators("generator", -1);
thread_local Storages storages;
thread_local Storages collectable;
thread_local int64_t bytes_told = 0;

}  // namespace

double keep_tensor(at::Tensor tensor) {
  const c10::StorageImpl* storage = storage_of(tensor);
  double handle = tensors.keep({std::move(tensor), storage, false});
  if (storage != nullptr) storages.add(storage, static_cast<int64_t>(storage->nbytes()));
  return handle;
}

at::Tensor tensor_at(double handle) { return tensors.at(handle).tensor; }

void drop_tensor(double handle) {
  Held dying = tensors.drop(handle);
  storages.remove(dying.storage);
  if (dying.left_to_collector) collectable.remove(dying.storage);
}

void leave_to_collector(double handle) {
  Held& held = tensors.slots[tensors.index_of(handle)].value;
  if (held.left_to_collector) return;
  held.left_to_collector = true;
  if (held.storage != nullptr) collectable.add(held.storage, static_cast<int64_t>(held.tensor.storage().nbytes()));
}

double keep_generator(at::Generator generator) { return generators.keep(std::move(generator)); }
at::Generator generator_at(double handle) { return generators.at(handle); }
void drop_generator(double handle) { generators.drop(handle); }

int64_t live_tensors() { return tensors.live; }
int64_t live_bytes() { return storages.bytes; }

void tell_v8(napi_env env) {
  int64_t change = collectable.bytes - bytes_told;
  if (change < kTellEvery && change > -kTellEvery) return;
  int64_t total;
  napi_adjust_external_memory(env, change, &total);
  bytes_told = collectable.bytes;
}

}  // namespace arclet
