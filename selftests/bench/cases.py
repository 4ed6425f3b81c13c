# SPDX-License-Identifier: GPL-2.0
"""The cases of the media bench."""
import dataclasses

CM, GCM128, GCM256 = 'AES_CM_128_HMAC_SHA1_80', 'AEAD_AES_128_GCM', 'AEAD_AES_256_GCM'
SUITES = {'plain': 'plain', 'cm': CM, 'gcm128': GCM128, 'gcm256': GCM256}
NAMES = {suite: name for name, suite in SUITES.items()}
RUNS, PACKETS, BATCH, SAMPLE = 7, 32768, 32, 64
MANY = (1000, 10000, 100000)


@dataclasses.dataclass(frozen=True)
class Case:
    """One row. `forged` is how many of ten packets are."""
    suite: str
    direction: str = 'protect'      # or unprotect
    payload: int = 160
    family: int = 4
    rtcp: bool = False
    trust: bool = True              # the devices take care of checksums
    streams: int = 1
    ssrcs: int = 1
    forged: int = 0
    list: bool = False              # handed over as lists

    @property
    def name(self):
        """Short and unique."""
        more = ['rtcp' if self.rtcp else f'{self.payload}']
        more += ['ipv6'] if self.family == 6 else []
        more += [] if self.trust else ['checksums']
        more += [f'streams-{self.streams}'] if self.streams > 1 else []
        more += [f'ssrcs-{self.ssrcs}'] if self.ssrcs > 1 else []
        more += [f'forged-{self.forged}'] if self.forged else []
        more += ['list'] if self.list else []
        return '/'.join([NAMES[self.suite], self.direction, *more])

    @property
    def side(self):
        """Where the packets come from."""
        return 'access' if self.direction == 'unprotect' else 'core'

    @property
    def secure(self):
        """The packets that come are protected."""
        return self.suite != 'plain' and self.direction == 'unprotect'

    def made(self, count):
        """Options for the packets that come."""
        return {'suite': self.suite, 'secure': int(self.secure), 'payload': self.payload, 'streams': self.streams,
                'ssrcs': self.ssrcs, 'rtcp': int(self.rtcp), 'family': self.family, 'side': self.side,
                'forged': self.forged, 'count': count}

    def judged(self):
        """Options for the packets that leave."""
        secure = self.suite != 'plain' and self.direction == 'protect'
        return {**self.made(0), 'secure': int(secure), 'side': 'core' if self.side == 'access' else 'access', 'forged': 0}


def _grid():
    for suite in SUITES.values():
        for payload in (20, 160, 1200):
            for direction in ('protect', 'unprotect'):
                yield Case(suite, direction, payload)


def _more():
    for suite in SUITES.values():
        for direction in ('protect', 'unprotect'):
            yield Case(suite, direction, family=6)
            yield Case(suite, direction, rtcp=True)
            yield Case(suite, direction, trust=False)
        yield Case(suite, trust=False, payload=1200)
    for suite in (CM, GCM128):
        yield Case(suite, list=True)
        for direction in ('protect', 'unprotect'):
            yield Case(suite, direction, ssrcs=8)
        for forged in (9, 10):
            yield Case(suite, 'unprotect', forged=forged)


def _many():
    for streams in MANY:
        for suite in ('plain', CM, GCM128):
            yield Case(suite, streams=streams)
        yield Case(CM, 'unprotect', streams=streams)


def all_cases():
    """In the order in which they are measured."""
    return [*_grid(), *_more(), *_many()]


# What is also measured on kernels whose ciphers have wrappers, and where instructions are counted.
SHORT = [Case(suite, direction, payload) for suite in SUITES.values() for payload in (160, 1200)
         for direction in ('protect', 'unprotect')]
