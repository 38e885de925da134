// SPDX-License-Identifier: BSD-2-Clause
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "support/minivalk.h"

namespace {

using test::Minivalk;
using testing::StartsWith;

class MinivalkLisp : public testing::Test {
 protected:
  std::string eval(const std::string& expression) {
    return minivalk_.command("eval " + expression);
  }

  Minivalk minivalk_;
};

TEST_F(MinivalkLisp, Arithmetic) {
  EXPECT_EQ(eval("(+ 1 2 3)"), "6");
  EXPECT_EQ(eval("(- 7)"), "-7");
  EXPECT_EQ(eval("(- 10 3 2)"), "5");
  EXPECT_EQ(eval("(* 6 -7)"), "-42");
  EXPECT_EQ(eval("(/ 17 5)"), "3");
  EXPECT_EQ(eval("(mod 17 5)"), "2");
  EXPECT_EQ(eval("(list (< 1 2) (> 1 2) (<= 2 2) (>= 1 2) (= 3 3))"), "(#t #f #t #f #t)");
  EXPECT_EQ(eval("9223372036854775807"), "9223372036854775807");
  EXPECT_EQ(eval("-9223372036854775808"), "-9223372036854775808");
}

TEST_F(MinivalkLisp, ArithmeticThatDoesNotFitIsAnError) {
  EXPECT_THAT(eval("(+ 9223372036854775807 1)"), StartsWith("error: +: integer overflow"));
  EXPECT_THAT(eval("(* 9223372036854775807 2)"), StartsWith("error: *: integer overflow"));
  EXPECT_THAT(eval("(- -9223372036854775808)"), StartsWith("error: -: integer overflow"));
  EXPECT_THAT(eval("(/ 1 0)"), StartsWith("error: /"));
  EXPECT_THAT(eval("(/ -9223372036854775808 -1)"), StartsWith("error: /"));
  EXPECT_THAT(eval("(mod -9223372036854775808 -1)"), StartsWith("error: mod"));
  EXPECT_THAT(eval("9223372036854775808"), StartsWith("error: integer out of range"));
}

TEST_F(MinivalkLisp, ClosuresKeepTheirScope) {
  eval("(define (counter) (let ((n 0)) (lambda () (set! n (+ n 1)) n)))");
  eval("(define a (counter))");
  eval("(define b (counter))");
  EXPECT_EQ(eval("(list (a) (a) (b) (a))"), "(1 2 1 3)");
  EXPECT_EQ(eval("((lambda (x y) (- x y)) 5 3)"), "2");
}

TEST_F(MinivalkLisp, SpecialForms) {
  EXPECT_EQ(eval("(if nil 1 2)"), "2");
  EXPECT_EQ(eval("(if 0 1)"), "1");
  EXPECT_EQ(eval("(if #f 1)"), "()");
  EXPECT_EQ(eval("(let ((a 1) (b 2)) (set! a 10) (+ a b))"), "12");
  EXPECT_EQ(eval("(begin 1 2 3)"), "3");
  EXPECT_EQ(eval("(cond (#f 1) ((= 1 1) 2) (else 3))"), "2");
  EXPECT_EQ(eval("(cond (#f 1) (else 3))"), "3");
  EXPECT_EQ(eval("(list (and) (and 1 2) (and #f (car 1)) (or) (or #f 2) (or 1 (car 1)))"),
            "(#t 2 #f #f 2 1)");
  EXPECT_EQ(eval("(let ((i 0) (s 0)) (while (< i 10) (set! s (+ s i)) (set! i (+ i 1))) s)"), "45");
  EXPECT_EQ(eval("(define (f x) (define y (* x 2)) (+ y 1))"), "f");
  EXPECT_EQ(eval("(f 4)"), "9");
  EXPECT_THAT(eval("y"), StartsWith("error: unbound symbol: y"));
}

TEST_F(MinivalkLisp, ListsAndTexts) {
  EXPECT_EQ(eval("'(a (b \"c\") 1)"), "(a (b \"c\") 1)");
  EXPECT_EQ(eval("(cons 1 2)"), "(1 . 2)");
  EXPECT_EQ(eval("(sum (map (lambda (x) (* x x)) (range 0 10)))"), "285");
  EXPECT_EQ(eval("(text \"a\\n\" 12 \"\\\"\")"), R"("a\n12\"")");
  EXPECT_EQ(eval("(text= \"0123456789abcdefXY\" (text \"0123456789abcdef\" \"XY\"))"), "#t");
  EXPECT_EQ(eval("(text= \"0123456789abcdefX\" \"0123456789abcdefY\")"), "#f");
  EXPECT_EQ(eval("(text-after \"/status/204\" \"/status/\")"), "\"204\"");
  EXPECT_EQ(eval("(list (text->integer \"-12\") (text->integer \"1x\") (text->integer \"\"))"),
            "(-12 #f #f)");
}

TEST_F(MinivalkLisp, ErrorsAreTexts) {
  EXPECT_EQ(eval("nosuch"), "error: unbound symbol: nosuch");
  EXPECT_EQ(eval("(car 1)"), "error: car: expected a pair");
  EXPECT_EQ(eval("(1 2)"), "error: not a function");
  EXPECT_EQ(eval("((lambda (x) x))"), "error: lambda: wrong number of arguments: 0");
  EXPECT_EQ(eval("(fib 1 2)"), "error: fib: wrong number of arguments: 2");
  EXPECT_EQ(eval("(car)"), "error: car: wrong number of arguments: 0");
  EXPECT_EQ(eval("(define if 1)"), "error: if can't be defined");
  EXPECT_THAT(eval("(1 . 2)"), StartsWith("error: "));
  for (const char* malformed : {"(if)", "(let ((1 2)) 3)", "(lambda (1) 2)", "(quote)", "(define)",
                                "(set! 1 2)", "(while)", "(cond 1)", "(let x 1)"})
    EXPECT_THAT(eval(malformed), StartsWith("error: malformed")) << malformed;
}

TEST_F(MinivalkLisp, UnreadableTextIsAnError) {
  EXPECT_EQ(eval("(+ 1"), "error: line 1: a list is not closed");
  EXPECT_EQ(eval(")"), "error: line 1: unexpected )");
  EXPECT_EQ(eval("\"abc"), "error: line 1: a text is not closed");
  EXPECT_EQ(eval("1 2"), "error: more than one expression");
  EXPECT_EQ(eval(" ; nothing"), "error: nothing to read");
  EXPECT_EQ(eval("12ab"), "error: not an integer: 12ab");
  EXPECT_THAT(eval(std::string(10000, '(')), StartsWith("error: line 1: nested too deep"));
  EXPECT_THAT(eval(std::string(1000, 'a')), StartsWith("error: symbol longer"));
}

TEST_F(MinivalkLisp, TooManySymbolsAreAnError) {
  std::string answer;
  for (int i = 0; i < 5000 && !answer.starts_with("error"); ++i)
    answer = eval("'symbol" + std::to_string(i));
  EXPECT_EQ(answer, "error: too many symbols");
  EXPECT_EQ(eval("(fib 10)"), "55");
}

TEST_F(MinivalkLisp, DeepRecursionIsAnErrorAndNoCrash) {
  eval("(define (down n) (if (= n 0) 0 (+ 1 (down (- n 1)))))");
  EXPECT_EQ(eval("(down 2500)"), "2500");
  EXPECT_EQ(eval("(down 100000)"), "error: recursion too deep");
  EXPECT_EQ(eval("(down 2500)"), "2500");
  EXPECT_EQ(minivalk_.truth().integer("valk_stack_depth_max"), 3000U);
}

TEST_F(MinivalkLisp, TailCallsDoNotDeepenTheStack) {
  eval("(define (loop n) (if (= n 0) 'done (loop (- n 1))))");
  EXPECT_EQ(eval("(loop 50000)"), "done");
  EXPECT_LT(minivalk_.truth().integer("valk_stack_depth_max"), 100U);
}

TEST_F(MinivalkLisp, EvaluationsAreCountedExactly) {
  auto before = minivalk_.truth();
  EXPECT_EQ(eval("(+ 1 (* 2 3))"), "7");
  auto after = minivalk_.truth();
  auto grown = [&](const char* name) { return after.integer(name) - before.integer(name); };
  EXPECT_EQ(grown("valk_eval_total"), 7U);  // two forms, two symbols, three numbers
  EXPECT_EQ(grown("valk_builtin_calls_total"), 2U);
  EXPECT_EQ(grown("valk_env_lookups_total"), 2U);
  EXPECT_EQ(grown("valk_function_calls_total"), 0U);
  EXPECT_EQ(grown("valk_closures_created_total"), 0U);
}

TEST_F(MinivalkLisp, FunctionCallsAndClosuresAreCountedExactly) {
  eval("(define (twice f x) (f (f x)))");
  auto before = minivalk_.truth();
  EXPECT_EQ(eval("(twice (lambda (x) (* x 2)) 5)"), "20");
  auto after = minivalk_.truth();
  EXPECT_EQ(
      after.integer("valk_function_calls_total") - before.integer("valk_function_calls_total"), 3U);
  EXPECT_EQ(
      after.integer("valk_closures_created_total") - before.integer("valk_closures_created_total"),
      1U);
}

TEST_F(MinivalkLisp, EachKindOfEvaluationHasItsDurations) {
  auto count = [this](const char* kind) {
    return minivalk_.truth().integer("valk_eval_duration_seconds_count", {{"kind", kind}});
  };
  EXPECT_EQ(eval("1"), "1");
  EXPECT_EQ(count("repl"), 1U);
  eval("(after 1 (lambda () (fib 5)))");
  EXPECT_TRUE(test::wait_until(test::soon(), [&] { return count("timer") == 1; }));
  eval("(later (lambda () (fib 5)))");
  EXPECT_TRUE(test::wait_until(test::soon(), [&] { return count("task") == 1; }));
  EXPECT_EQ(count("repl"), 3U);
  EXPECT_EQ(count("request"), 0U);
}

TEST_F(MinivalkLisp, TimersAreLimited) {
  std::string answer;
  for (int i = 0; i < 100 && !answer.starts_with("error"); ++i)
    answer = eval("(after 60000 (lambda () 1))");
  EXPECT_EQ(answer, "error: too many timers and tasks");
}

}  // namespace
