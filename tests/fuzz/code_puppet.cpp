// A small file of code that has what is read of one: functions in a namespace, made of a template,
// with a frame pointer and without. It is read, not run.
namespace shop {

struct Basket {
  long count;
  long price;
};

static inline __attribute__((always_inline)) long half(long number) {
  return number / 2;
}

static inline __attribute__((always_inline)) long discount(const Basket& basket) {
  return half(basket.price) * basket.count;
}

__attribute__((noinline)) long total(const Basket* baskets, int count) {
  long sum = 0;
  for (int i = 0; i < count; ++i) sum += discount(baskets[i]);
  return sum;
}

template <typename T>
__attribute__((noinline)) T twice(T (*call)(T), T with) {
  return call(with) + call(with + 1);
}

}  // namespace shop

extern "C" __attribute__((noinline)) long with_an_array(long size) {
  volatile char bytes[size];  // its frame is found by the frame pointer
  bytes[0] = 1;
  bytes[size - 1] = 2;
  return shop::twice<long>([](long number) { return number * 3; }, bytes[0]);
}

extern "C" long enter(long number) {
  const shop::Basket baskets[] = {{number, 2}, {number + 1, 4}};
  return shop::total(baskets, 2) + with_an_array(number);
}
