// The group of ranks as JavaScript sees it: its store, and collectives on tensors.
#include "ranks.h"

#include "../node/promises.h"

#ifdef ARCLET_RANKS

#ifdef USE_C10D_NCCL
#include <torch/csrc/distributed/c10d/ProcessGroupNCCL.hpp>
#endif

#include <ATen/ops/empty_like.h>

#include <unordered_map>

namespace arclet {
namespace {

using Tensors = std::vector<at::Tensor>;

constexpr int64_t kMostRanks = 1 << 16;
constexpr int64_t kLongest = 7 * 24 * 3600;
constexpr auto kConnecting = std::chrono::seconds(45);
// How often a rank that waits asks whether another is lost.
constexpr auto kGlance = std::chrono::milliseconds(500);

// Never freed but by leaveRanks: a group whose collective hangs can't be taken down.
Group* current = nullptr;
auto& pending = *new std::unordered_map<int64_t, Collective>();
int64_t last_pending = 0;

napi_value backends(napi_env env, Arguments&) {
  napi_value list = js_list(env, 0);
  set(env, list, size_t{0}, js_text(env, "gloo"));
#ifdef USE_C10D_NCCL
  set(env, list, size_t{1}, js_text(env, "nccl"));
#endif
  return list;
}

c10::intrusive_ptr<c10d::TCPStore> open_store(const std::string& host, int64_t port, bool server, Seconds patience) {
  c10d::TCPStoreOptions options;
  options.port = static_cast<uint16_t>(port);
  options.isServer = server;
  options.waitWorkers = false;
  options.timeout = patience;
  return c10::make_intrusive<c10d::TCPStore>(host, options);
}

// joinRanks(host, port, rank, size, patience s, silence s): the store alone; rank 0 serves it
napi_value join(napi_env, Arguments& in) {
  if (current != nullptr) throw Refusal(Code::conflict, "this process is in a group already");
  std::string host = in.text("host");
  int64_t port = in.whole("port", 1, 65535);
  int64_t rank = in.whole("rank", 0, kMostRanks);
  int64_t size = in.whole("size", 1, kMostRanks);
  if (rank >= size) throw Refusal(Code::argument, "rank must be below size");
  Seconds patience(in.whole("patience", 1, kLongest));
  Seconds silence(in.whole("silence", 1, kLongest));
  auto own = std::make_unique<Group>();
  own->rank = rank;
  own->size = size;
  own->patience = patience;
  own->store = open_store(host, port, rank == 0, patience);
  own->life = std::make_unique<Life>(open_store(host, port, false, silence), rank, size, silence);
  current = own.release();
  return nullptr;
}

// setRankText(name, text)
napi_value set_text(napi_env, Arguments& in) {
  std::string name = in.text("name"), text = in.text("text");
  group().store->set(name, {text.begin(), text.end()});
  return nullptr;
}

// rankText(name) -> the text; null as long as nobody has set it
napi_value get_text(napi_env env, Arguments& in) {
  std::string name = in.text("name");
  if (!group().store->check({name})) return js_null(env);
  std::vector<uint8_t> bytes = group().store->get(name);
  return js_text(env, std::string(bytes.begin(), bytes.end()));
}

// countRank(name, by) -> the sum of what all ranks have added under that name
napi_value count(napi_env env, Arguments& in) {
  std::string name = in.text("name");
  return js_number(env, static_cast<double>(group().store->add(name, in.whole("by", 0, kMostRanks))));
}

c10::intrusive_ptr<Engine> open_gloo(Group& own, const std::string& address, const std::string& interface) {
  auto options = c10d::ProcessGroupGloo::Options::create(own.patience);
  options->devices.push_back(interface.empty() ? c10d::ProcessGroupGloo::createDeviceForHostname(address)
                                               : c10d::ProcessGroupGloo::createDeviceForInterface(interface));
  options->threads = 2;
  return c10::make_intrusive<c10d::ProcessGroupGloo>(own.store, own.rank, own.size, options);
}

c10::intrusive_ptr<Engine> open_nccl(Group& own) {
#ifdef USE_C10D_NCCL
  auto options = c10d::ProcessGroupNCCL::Options::create();
  options->timeout = own.patience;
  return c10::make_intrusive<c10d::ProcessGroupNCCL>(own.store, own.rank, own.size, options);
#else
  (void)own;
  throw Refusal(Code::unsupported, "nccl is not in this door: libtorch without CUDA, or no nccl.h when it was built");
#endif
}

// connectRanks(backend, address, interface or empty) -> promise: this rank's engine is connected to all others
napi_value connect(napi_env env, Arguments& in) {
  std::string backend = in.text("backend"), address = in.text("address"), interface = in.text("interface");
  Group* own = &group();
  // All were there a moment ago: who does not answer by now has died.
  own->store->setTimeout(kConnecting);
  return promised(env, "connectRanks", [=] {
    own->engine = backend == "nccl" ? open_nccl(*own) : open_gloo(*own, address, interface);
  });
}

Engine& engine() {
  Group& own = group();
  if (own.engine == nullptr) throw Refusal(Code::conflict, "the ranks are not connected");
  return *own.engine;
}

napi_value keep(napi_env env, Collective collective) {
  pending.emplace(++last_pending, std::move(collective));
  return js_number(env, static_cast<double>(last_pending));
}

at::Tensor dense_of(napi_env env, napi_value value) {
  at::Tensor tensor = tensor_of(env, value).detach();
  if (!tensor.is_non_overlapping_and_dense()) throw Refusal(Code::argument, "must be dense in memory");
  return tensor;
}

// addUp(tensor, "sum" or "max") -> number of the collective; the tensor becomes the result
napi_value js_add_up(napi_env env, Arguments& in) {
  at::Tensor tensor = in.take("tensor", dense_of);
  bool most = in.text("how") == "max";
  return keep(env, add_up(tensor, most ? c10d::ReduceOp::MAX : c10d::ReduceOp::SUM));
}

// spread(tensor, from) -> number of the collective; the tensor becomes that of rank `from`
napi_value spread(napi_env env, Arguments& in) {
  Tensors tensors{in.take("tensor", dense_of)};
  c10d::BroadcastOptions options;
  options.rootRank = in.whole("from", 0, group().size - 1);
  auto work = engine().broadcast(tensors, options);
  return keep(env, {work, tensors});
}

// A tensor's bytes: Gloo copies them, whatever they mean.
at::Tensor raw(const at::Tensor& tensor) { return tensor.view({-1}).view(at::kByte); }

// collect(tensor) -> handles of every rank's tensor, by rank; blocks. All have one shape.
napi_value collect(napi_env env, Arguments& in) {
  at::Tensor own = tensor_of(env, in.next()).detach().contiguous();
  Tensors all, bytes;
  for (int64_t rank = 0; rank < group().size; ++rank) {
    all.push_back(at::empty_like(own));
    bytes.push_back(raw(all.back()));
  }
  std::vector<Tensors> outputs{bytes};
  Tensors inputs{raw(own)};
  Collective collective{engine().allgather(outputs, inputs), bytes};
  finish(collective);
  napi_value handles = js_list(env, all.size());
  for (size_t i = 0; i < all.size(); ++i) set(env, handles, i, js_number(env, keep_tensor(std::move(all[i]))));
  return handles;
}

// sumOverRanks(tensor) -> handle; blocks
napi_value sum(napi_env env, Arguments& in) {
  return js_number(env, keep_tensor(sum_with_gradient(tensor_of(env, in.next()))));
}

// divideParameters(tensors)
napi_value divide_parameters(napi_env env, Arguments& in) {
  divide(tensors_of(env, in.next()));
  return nullptr;
}

Collective taken(Arguments& in) {
  auto found = pending.find(in.whole("collective", 0, int64_t{1} << 52));
  if (found == pending.end()) throw Refusal(Code::argument, "the collective was waited for");
  Collective collective = std::move(found->second);
  pending.erase(found);
  return collective;
}

// awaitCollective(number): blocks
napi_value wait(napi_env, Arguments& in) {
  Collective collective = taken(in);
  finish(collective);
  return nullptr;
}

// whenCollected(number) -> promise
napi_value when(napi_env env, Arguments& in) {
  auto collective = std::make_shared<Collective>(taken(in));
  return promised(env, "whenCollected", [collective] { finish(*collective); });
}

// lostRank() -> { rank, reason }, the reason empty if it ended without a word; null if none is lost
napi_value lost_rank(napi_env env, Arguments&) {
  auto lost = group().life == nullptr ? std::nullopt : group().life->lost();
  if (!lost) return js_null(env);
  napi_value out = js_object(env);
  set(env, out, "rank", js_number(env, static_cast<double>(lost->rank)));
  set(env, out, "reason", js_text(env, lost->reason));
  return out;
}

// collectiveFailed() -> whether one has
napi_value has_failed(napi_env env, Arguments&) { return js_bool(env, current != nullptr && current->broken); }

// tellRanks(reason): that this rank ends before the work is done
napi_value tell(napi_env, Arguments& in) {
  std::string reason = in.text("reason");
  if (group().life != nullptr) group().life->tell(reason);
  return nullptr;
}

// stopWatching(): a rank that is done is no longer watched, nor watches
napi_value stop_watching(napi_env, Arguments&) {
  group().life.reset();
  return nullptr;
}

// leaveRanks(): frees the group, if all its collectives are done
napi_value leave(napi_env, Arguments&) {
  if (current == nullptr) return nullptr;
  if (!current->broken && pending.empty()) delete current;
  current = nullptr;
  return nullptr;
}

}  // namespace

bool has_group() { return current != nullptr && current->engine != nullptr; }

Group& group() {
  if (current == nullptr) throw Refusal(Code::conflict, "this process is in no group");
  return *current;
}

Collective add_up(at::Tensor tensor, c10d::ReduceOp::RedOpType how) {
  c10d::AllreduceOptions options;
  options.reduceOp = how;
  Tensors tensors{tensor};
  auto work = engine().allreduce(tensors, options);
  return {work, tensors};
}

void finish(Collective& collective) {
  Group& own = group();
  auto start = std::chrono::steady_clock::now();
  for (;;) {
    std::string reason;
    try {
      // On a GPU the stream waits, not the processor.
      if (collective.tensors[0].is_cuda()) collective.work->wait();
      else collective.work->wait(kGlance);
      return;
    } catch (const std::exception& error) {
      reason = error.what();
    }
    bool failed = collective.work->isCompleted();
    bool late = std::chrono::steady_clock::now() - start > own.patience;
    if (!failed && !late && !(own.life != nullptr && own.life->lost())) continue;
    own.broken = true;
    if (late && !failed) reason = "the other ranks took longer than " + std::to_string(own.patience.count()) + " s";
    throw Refusal(Code::failed, reason);
  }
}

void add_ranks(napi_env env, napi_value exports) {
  define(env, exports, "rankBackends", guarded<backends>);
  define(env, exports, "joinRanks", guarded<join>);
  define(env, exports, "setRankText", guarded<set_text>);
  define(env, exports, "rankText", guarded<get_text>);
  define(env, exports, "countRank", guarded<count>);
  define(env, exports, "connectRanks", guarded<connect>);
  define(env, exports, "addUp", guarded<js_add_up>);
  define(env, exports, "spread", guarded<spread>);
  define(env, exports, "collect", guarded<collect>);
  define(env, exports, "sumOverRanks", guarded<sum>);
  define(env, exports, "divideParameters", guarded<divide_parameters>);
  define(env, exports, "awaitCollective", guarded<wait>);
  define(env, exports, "whenCollected", guarded<when>);
  define(env, exports, "lostRank", guarded<lost_rank>);
  define(env, exports, "collectiveFailed", guarded<has_failed>);
  define(env, exports, "tellRanks", guarded<tell>);
  define(env, exports, "stopWatching", guarded<stop_watching>);
  define(env, exports, "leaveRanks", guarded<leave>);
}

}  // namespace arclet

#else

namespace arclet {
namespace {
// rankBackends() -> none
napi_value backends(napi_env env, Arguments&) { return js_list(env, 0); }
}  // namespace

void add_ranks(napi_env env, napi_value exports) { define(env, exports, "rankBackends", guarded<backends>); }

}  // namespace arclet

#endif
