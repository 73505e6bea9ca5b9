/*
 * Sleep and wake-up of one seat (queue/parking.ts), with one sleeper and two senders, each with two messages.
 * Checked: as long as every process gets its turn (weak fairness), a sender's bit is taken again and again:
 * nobody sleeps for ever over work. The model of the real code is test/model; this one proves the idea of it, with liveness.
 */
#define SENDERS 2
#define MESSAGES 2
/* 0: the bug that the second look for work prevents; the test shows that it is found. */
#ifndef LOOKS_AGAIN
#define LOOKS_AGAIN 1
#endif

byte ready = 0;        /* one bit per sender */
byte epoch = 0;        /* the word that is waited on */
bool sleeping = false;
bool waking = false;   /* somebody is about to notify */
bool waits = false;    /* the sleeper is in the list of waiters */

active proctype sleeper() {
  byte seen;
  do
  :: atomic { sleeping = false; waking = false }
     do
     :: atomic { ready != 0 -> ready = 0 }
     :: atomic { ready == 0 -> break }
     od;
     seen = epoch;
     atomic { sleeping = true; waking = false };
     if
     :: LOOKS_AGAIN && ready != 0 -> skip
     :: else ->
        atomic {
          if
          :: epoch == seen -> waits = true
          :: else -> skip
          fi
        };
        (!waits)
     fi
  od
}

active [SENDERS] proctype sender() {
  byte n = 0;
  bool isMine;
  do
  :: n < MESSAGES ->
     n++;
     ready = ready | (1 << (_pid - 1));
     if
     :: sleeping && !waking ->
        /* One compare-and-swap: of two wakers one wins. */
        atomic {
          isMine = sleeping && !waking;
          if
          :: isMine -> waking = true
          :: else -> skip
          fi
        };
        if
        :: isMine -> epoch++; waits = false
        :: else -> skip
        fi
     :: else -> skip
     fi
  :: else -> break
  od
}

/* Whatever was sent is taken in the end. */
ltl noLostWakeUp { [] (ready != 0 -> <> (ready == 0)) }
