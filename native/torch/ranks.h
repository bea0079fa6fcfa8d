// Several processes that train one network together: ranks. What the files about them share.
//
// A process is in one group at most. Its store (c10d's TCPStore, served by rank 0) holds short texts by name; its engine
// (Gloo or NCCL) adds up, copies and collects tensors.
#pragma once

#include "door.h"

#if defined(USE_C10D_GLOO)
#define ARCLET_RANKS 1

#include <torch/csrc/distributed/c10d/ProcessGroupGloo.hpp>
#include <torch/csrc/distributed/c10d/TCPStore.hpp>

#include <atomic>
#include <chrono>
#include <memory>
#include <mutex>
#include <thread>

namespace arclet {

#if ARCLET_TORCH_AT_LEAST(2, 0)
using Engine = c10d::Backend;
#else
using Engine = c10d::ProcessGroup;
#endif
using Seconds = std::chrono::seconds;

// ---- ranks_life.cc ----
// A rank that has ended before the work was done, and why.
struct Lost {
  int64_t rank;
  std::string reason;
};

// Signs of life: a thread with a connection of its own tells the others that this process lives, watches the next rank, and
// learns of one that is lost. It goes on while JavaScript waits or computes.
class Life {
 public:
  // `silence`: after which a rank is taken for lost.
  Life(c10::intrusive_ptr<c10d::TCPStore> store, int64_t rank, int64_t size, Seconds silence);
  ~Life();

  std::optional<Lost> lost() const;
  // Tells the others that this rank ends, and why, unless one is lost already.
  void tell(const std::string& reason);

 private:
  void watch();
  void look(int64_t next, int64_t& count, std::chrono::steady_clock::time_point& since);
  void report(const Lost& lost);
  void know();

  c10::intrusive_ptr<c10d::TCPStore> store_;
  const int64_t rank_, size_;
  const Seconds silence_;
  mutable std::mutex mutex_;
  std::optional<Lost> lost_;
  std::atomic<bool> stop_{false}, knows_{false};
  std::thread thread_;
};

// ---- ranks.cc ----
struct Group {
  int64_t rank = 0, size = 1;
  c10::intrusive_ptr<c10d::TCPStore> store;
  std::unique_ptr<Life> life;
  c10::intrusive_ptr<Engine> engine;
  Seconds patience{0};  // for a collective; a lost rank ends it sooner
  bool broken = false;  // a collective has failed: no further one can succeed
};

// A collective under way, and the tensors that it reads and writes.
struct Collective {
  c10::intrusive_ptr<c10d::Work> work;
  std::vector<at::Tensor> tensors;
};

bool has_group();
Group& group();  // refuses without one
Collective add_up(at::Tensor tensor, c10d::ReduceOp::RedOpType how);
// Blocks until it is done. Refuses when it fails, or a rank is lost.
void finish(Collective& collective);

// ---- ranks_gradients.cc ----
// The sum over ranks, with its gradient.
at::Tensor sum_with_gradient(const at::Tensor& tensor);
// From now on backward passes add up the gradients of these parameters over the ranks.
void divide(const std::vector<at::Tensor>& parameters);

}  // namespace arclet
#endif
