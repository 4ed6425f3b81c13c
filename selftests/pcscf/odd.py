#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0
"""Odd flows of calls, that sipp plays on both sides of e2aed; after each nothing may be left."""
from lab import main, until
from sipp import odd

UP, TAKE = 'INVITE sdp | <100 opt | <180 | <200 INVITE sdp | ACK |', '<INVITE sdp | 180 | 200 sdp | <ACK |'
BYE, LEFT = 'BYE | <200 BYE', '<BYE | 200'
SHORT = {'t1': 50}      # for what ends after 64 * T1

async def one_stream(lab):
    """A call is up and has its media."""
    await until(lambda: lab.agents[0].streams(), 'a stream')
    calls = await lab.agents[0].ask('calls')
    assert len(calls) == 1, calls


# Offers and answers in other places.

odd('the offer is in the 200 and the answer in the ACK',
    f'INVITE | <100 opt | <180 | <200 INVITE sdp | ACK sdp | wait 100 | {BYE}',
    f'<INVITE bare | 180 | 200 sdp | <ACK sdp | {LEFT}')
odd('a re-INVITE without offer gets one, and its answer is in the ACK',
    f'{UP} INVITE | <100 opt | <200 INVITE sdp | ACK sdp | wait 100 | {BYE}',
    f'{TAKE} <INVITE as=RE bare | 200 RE sdp=2 | <ACK sdp | {LEFT}')
odd('an offer in the 200 that the ACK does not answer ends the call',
    'INVITE | <100 opt | <180 | <200 INVITE sdp | ACK | <BYE | 200',
    f'<INVITE bare | 180 | 200 sdp | <ACK | {LEFT}')
odd('a 183 with the answer, PRACK, UPDATE, and a 200 that says nothing more',
    'INVITE sdp Supported:100rel | <100 opt | <183 sdp | PRACK RAck:1_1_INVITE | <200 PRACK | UPDATE sdp=2 | '
    f'<200 UPDATE sdp | <180 | <200 INVITE bare | ACK | wait 100 | {BYE}',
    '<INVITE sdp | 183 sdp Require:100rel RSeq:1 | <PRACK | 200 | <UPDATE sdp | 200 sdp=2 | 180 INVITE | '
    f'200 INVITE | <ACK | {LEFT}')
odd('a reliable 183 with an offer, which the PRACK answers',
    'INVITE Supported:100rel | <100 opt | <183 sdp | PRACK sdp RAck:1_1_INVITE | <200 PRACK | <200 INVITE bare | '
    f'ACK | wait 100 | {BYE}',
    f'<INVITE bare | 183 sdp Require:100rel RSeq:1 | <PRACK sdp | 200 | 200 INVITE | <ACK | {LEFT}')
odd('a PRACK with a new offer of its own',
    'INVITE sdp Supported:100rel | <100 opt | <183 sdp | PRACK sdp=2 RAck:1_1_INVITE | <200 PRACK sdp | '
    f'<200 INVITE bare | ACK | wait 100 | {BYE}',
    f'<INVITE sdp | 183 sdp Require:100rel RSeq:1 | <PRACK sdp | 200 sdp=2 | 200 INVITE | <ACK | {LEFT}')
odd('a PRACK for nothing gets 481 from the other side, and the call goes on',
    f'INVITE sdp | <100 opt | <180 | PRACK RAck:77_1_INVITE | <481 PRACK | <200 INVITE sdp | ACK | wait 100 | {BYE}',
    f'<INVITE sdp | 180 | <PRACK | 481 PRACK | 200 INVITE sdp | <ACK | {LEFT}')
odd('the answer stands in an unreliable 183, again in the 180, and in the 200',
    f'INVITE sdp | <100 opt | <183 sdp | <180 sdp | <200 INVITE sdp | ACK | wait 100 | {BYE}',
    f'<INVITE sdp | 183 sdp | 180 sdp | 200 sdp | <ACK | {LEFT}')

# Answers and refusals.

for status in (300, 302, 404, 407, 486, 488, 500, 580, 600, 603, 699):
    more = {302: ' Contact:<sip:else@home1.net>', 407: ' Proxy-Authenticate:Digest_realm="x",nonce="y"'}.get(status, '')
    odd(f'{status} comes as it is', f'INVITE sdp | <100 opt | <180 | <{status} INVITE | ACK refused',
        f'<INVITE sdp | 180 | {status} nocontact{more} | <ACK')
odd('407, and the INVITE again with an answer to it',
    'INVITE sdp | <100 opt | <407 INVITE | ACK refused | '
    'INVITE fresh sdp Proxy-Authorization:Digest_username="u" | <100 opt | <180 | <200 INVITE sdp | ACK | '
    f'wait 100 | {BYE}',
    '<INVITE sdp | 407 Proxy-Authenticate:Digest_realm="x",nonce="y" | <ACK | <INVITE as=AGAIN fresh sdp | '
    f'180 AGAIN | 200 AGAIN sdp | <ACK | {LEFT}')

# Order.

odd('180 after 200',
    f'INVITE sdp | <100 opt | <200 INVITE sdp | wait 300 | ACK | wait 100 | {BYE}',
    f'<INVITE sdp | 200 sdp | 180 INVITE | <ACK | {LEFT}')
odd('100 after 180, 183 after 180, 180 after that',
    f'INVITE sdp | <100 opt | <180 | <183 sdp | <180 | <200 INVITE sdp | ACK | wait 100 | {BYE}',
    f'<INVITE sdp | 180 | 100 | 183 sdp | 100 | 180 | 200 sdp | <ACK | {LEFT}')
odd('200 while 487 would be due: the CANCEL came too late',
    f'INVITE sdp | <100 opt | <180 | CANCEL | <200 CANCEL | <200 INVITE sdp | ACK | wait 100 | {BYE}',
    f'<INVITE sdp | 180 | <CANCEL | 200 | 200 INVITE sdp | <ACK | {LEFT}')
odd('CANCEL after the 200',
    f'INVITE sdp | <100 opt | <180 | <200 INVITE sdp | CANCEL | <200 CANCEL | ACK | wait 100 | {BYE}',
    f'<INVITE sdp | 180 | 200 sdp | <ACK | {LEFT}')
odd('CANCEL, and 487 before its 200',
    'INVITE sdp | <100 opt | <180 | CANCEL | <200 CANCEL | <487 INVITE | ACK refused',
    '<INVITE sdp | 180 | <CANCEL | 487 INVITE | <ACK | 200 CANCEL')
odd('CANCEL before any response',
    'INVITE sdp | CANCEL | <100 opt | <200 CANCEL | <100 opt | <180 opt | <487 INVITE | ACK refused',
    '<INVITE sdp | wait 300 | 180 | <CANCEL | 200 | 487 INVITE | <ACK')
odd('a CANCEL that nobody answers: 487 comes all the same',
    'INVITE sdp | <100 opt | <180 | CANCEL | <200 CANCEL | <487 INVITE | ACK refused',
    '<INVITE sdp | 180 | <CANCEL | wait 5000', **SHORT)

# Repetitions.

odd('INVITE, 200, ACK and BYE come twice',
    'INVITE sdp | INVITE again | <100 opt | <180 | <200 INVITE sdp | wait 200 | ACK | ACK again | wait 100 | BYE | '
    'BYE again | <200 BYE',
    '<INVITE sdp | wait 100 | 180 | 200 sdp | <ACK | <ACK opt | <BYE | wait 100 | 200')
odd('the 200 comes three times until an ACK comes',
    f'INVITE sdp | <100 opt | <180 | <200 INVITE sdp | wait 700 | ACK | wait 100 | {BYE}',
    f'<INVITE sdp | 180 | 200 sdp | wait 200 | 200 sdp | wait 200 | 200 sdp | <ACK | {LEFT}')

# The end.

odd('no ACK comes: the called side ends the call',
    'INVITE sdp | <100 opt | <180 | <200 INVITE sdp | <BYE | 200',
    '<INVITE sdp | 180 | 200 sdp | wait 1500 | BYE | <200 BYE')
odd('no ACK comes and nobody ends the call: the agent does, both ways',
    'INVITE sdp | <100 opt | <180 | <200 INVITE sdp | <BYE | 200',
    f'<INVITE sdp | 180 | 200 sdp | {LEFT}', **SHORT)
odd('BYE in place of the ACK',
    f'INVITE sdp | <100 opt | <180 | <200 INVITE sdp | {BYE}',
    f'<INVITE sdp | 180 | 200 sdp | {LEFT}')
odd('BYE, and the ACK behind it',
    'INVITE sdp | <100 opt | <180 | <200 INVITE sdp | BYE | ACK cseq=1 | <200 BYE',
    '<INVITE sdp | 180 | 200 sdp | <BYE | <ACK | 200 BYE')
odd('BYE before the call is answered',
    'INVITE sdp | <100 opt | <180 | BYE | <200 BYE | <487 INVITE | ACK refused cseq=1',
    '<INVITE sdp | 180 | <BYE | 200 | 487 INVITE | <ACK')
odd('both say BYE at the same time',
    f'{UP} wait 100 | BYE | <BYE | 200 | <200 BYE',
    f'{TAKE} <BYE | BYE | <200 BYE | 200 BYE')
odd('BYE gets 481',
    f'{UP} wait 100 | BYE | <481 BYE',
    f'{TAKE} <BYE | 481')
odd('BYE gets no answer',
    f'{UP} wait 100 | BYE | <408 BYE',
    f'{TAKE} <BYE | wait 4500', **SHORT)
odd('BYE is challenged, and comes again with an answer',
    f'{UP} wait 100 | BYE | <407 BYE | BYE Proxy-Authorization:Digest_x="y" | <200 BYE',
    f'{TAKE} <BYE | 407 | {LEFT}')
odd('nobody answers: 408',
    'INVITE sdp | <100 opt | <408 INVITE | ACK refused',
    '<INVITE sdp | wait 4500', **SHORT)
odd('a slow answer',
    f'INVITE sdp | <100 opt | <180 | <200 INVITE sdp | ACK | wait 100 | {BYE}',
    f'<INVITE sdp | 100 | wait 4500 | 180 | 200 sdp | <ACK | {LEFT}', **SHORT)

# Inside the call.

odd('a storm of re-INVITEs, one after the other',
    f'{UP}{" INVITE sdp=2 | <100 opt | <200 INVITE sdp | ACK |" * 30} {BYE}',
    f'{TAKE}{" <INVITE as=RE sdp | 200 RE sdp=2 | <ACK |" * 30} {LEFT}')
odd('a re-INVITE before the answer to another',
    f'{UP} INVITE sdp=2 | INVITE sdp=3 | <100 opt | <500 INVITE | ACK refused | <100 opt | <200 INVITE sdp | '
    f'ACK cseq=2 | wait 100 | {BYE}',
    f'{TAKE} <INVITE as=RE sdp | wait 500 | 200 RE sdp=2 | <ACK | {LEFT}')
odd('two re-INVITEs cross: both get 491',
    f'{UP} INVITE sdp=2 | <100 opt | <491 INVITE | ACK refused | wait 100 | {BYE}',
    f'{TAKE} <INVITE as=RE sdp | INVITE sdp=2 | <491 INVITE | ACK refused | 491 RE | <ACK | {LEFT}')
odd('a re-INVITE is refused, then another taken',
    f'{UP} INVITE sdp=2 | <100 opt | <488 INVITE | ACK refused | INVITE sdp=3 | <100 opt | <200 INVITE sdp | ACK | '
    f'wait 100 | {BYE}',
    f'{TAKE} <INVITE as=RE sdp | 488 | <ACK | <INVITE as=RE sdp | 200 RE sdp=2 | <ACK | {LEFT}')
odd('methods that nobody knows, with bodies, and OPTIONS, INFO, MESSAGE, REFER and NOTIFY',
    f'{UP} PLEASE body=700 | <501 PLEASE | OPTIONS | <200 OPTIONS | INFO body=300 | <200 INFO | MESSAGE body=20 | '
    f'<200 MESSAGE | REFER Refer-To:<sip:carol@home1.net> | <202 REFER | <NOTIFY | 200 | {BYE}',
    f'{TAKE} <PLEASE | 501 | <OPTIONS | 200 | <INFO | 200 | <MESSAGE | 200 | <REFER | 202 | '
    f'NOTIFY Event:refer Subscription-State:terminated body=30 | <200 NOTIFY | {LEFT}')
odd('a request with a number that is too low',
    f'{UP} INFO cseq=9 | <200 INFO | INFO cseq=3 | <500 INFO | BYE cseq=20 | <200 BYE',
    f'{TAKE} <INFO | 200 | <INFO | 500 | {LEFT}')
odd('a BYE with a tag of no dialog does no harm',
    f'{UP} BYE to=nothing | <481 BYE | BYE to=tcallee | <200 BYE',
    f'{TAKE} {LEFT}')

odd('a re-INVITE of the called side, whose BYE ends the call',
    f'{UP} <INVITE as=RE sdp | 200 RE sdp=2 | <ACK | {LEFT}',
    f'{TAKE} INVITE sdp=2 | <100 opt | <200 INVITE sdp | ACK | wait 100 | {BYE}')
odd('a re-INVITE that is cancelled',
    f'{UP} INVITE sdp=2 | <100 | CANCEL | <200 CANCEL | <487 INVITE | ACK refused | wait 100 | {BYE}',
    f'{TAKE} <INVITE as=RE sdp | 100 | <CANCEL | 200 inside | 487 RE | <ACK | {LEFT}')
odd('a re-INVITE that nobody answers',
    f'{UP} INVITE sdp=2 | <100 | <408 INVITE | ACK refused | wait 100 | {BYE}',
    f'{TAKE} <INVITE as=RE sdp | {LEFT}', **SHORT)
odd('a re-INVITE whose 200 nobody acknowledges',
    f'{UP} INVITE sdp=2 | <100 opt | <200 INVITE sdp | {LEFT}',
    f'{TAKE} <INVITE as=RE sdp | 200 RE sdp=2 | wait 1000 | {BYE}')
odd('an UPDATE that nobody answers',
    f'{UP} UPDATE sdp=2 | <408 UPDATE | wait 100 | {BYE}',
    f'{TAKE} <UPDATE sdp | {LEFT}', **SHORT)
odd('UPDATE without a description',
    f'{UP} UPDATE | <200 UPDATE bare | {BYE}',
    f'{TAKE} <UPDATE bare | 200 | {LEFT}')
odd('two UPDATEs cross: both get 491',
    f'{UP} UPDATE sdp=2 | <491 UPDATE | wait 100 | {BYE}',
    f'{TAKE} <UPDATE sdp | UPDATE sdp=2 | <491 UPDATE | 491 UPDATE | {LEFT}')
odd('an UPDATE crosses a re-INVITE: both get 491',
    f'{UP} INVITE sdp=2 | <100 opt | <491 INVITE | ACK refused | wait 100 | {BYE}',
    f'{TAKE} <INVITE as=RE sdp | UPDATE sdp=2 | <491 UPDATE | 491 RE | <ACK | {LEFT}')
odd('INFO while BYE is on its way, and after it',
    f'{UP} wait 100 | BYE | INFO | <481 INFO | <200 BYE | INFO | <481 INFO',
    f'{TAKE} <BYE | <INFO | 481 | 200 BYE')

# Forks, and responses that are not as they should be.

odd('two forks ring, both answer: the second one is acknowledged and ended',
    'INVITE sdp | <100 opt | <180 | <183 sdp | <200 INVITE sdp | ACK to=a | wait 300 | BYE to=a | <200 BYE',
    '<INVITE sdp | 180 tag=a | 183 tag=b sdp | 200 tag=a sdp | <ACK | 200 INVITE tag=b sdp | <ACK | <BYE | 200 | '
    '<BYE | 200')
odd('two reliable 183s of two forks, one PRACK each, and 200 of the second',
    'INVITE sdp Supported:100rel | <100 opt | <183 sdp | PRACK RAck:1_1_INVITE | <200 PRACK | <183 sdp | '
    'PRACK RAck:1_1_INVITE | <200 PRACK | <200 INVITE bare | ACK to=b | wait 100 | BYE to=b | <200 BYE',
    '<INVITE sdp | 183 tag=a sdp Require:100rel RSeq:1 | <PRACK | 200 | '
    f'183 INVITE tag=b sdp Require:100rel RSeq:1 | <PRACK | 200 | 200 INVITE tag=b | <ACK | {LEFT}')
odd('a reliable 183 that nobody acknowledges, and CANCEL',
    'INVITE sdp Supported:100rel | <100 opt | <183 sdp | wait 500 | CANCEL | <200 CANCEL | <487 INVITE | '
    'ACK refused',
    '<INVITE sdp | 183 sdp Require:100rel RSeq:1 | <CANCEL | 200 | 487 INVITE | <ACK')
odd('200 without an answer to the offer',
    f'INVITE sdp | <100 opt | <180 | <200 INVITE bare | ACK | wait 100 | {BYE}',
    f'<INVITE sdp | 180 | 200 | <ACK | {LEFT}')
odd('the answer stands in an unreliable 183 alone',
    f'INVITE sdp | <100 opt | <183 sdp | <200 INVITE bare | ACK | wait 500 | {BYE}',
    f'<INVITE sdp | 183 sdp | 200 | <ACK | {LEFT}', during=one_stream)
odd('200 without Contact',
    f'INVITE sdp | <100 opt | <180 | <200 INVITE sdp | ACK | wait 100 | {BYE}',
    f'<INVITE sdp | 180 | 200 sdp nocontact | <ACK | {LEFT}')
odd('180 and 183 without a tag',
    f'INVITE sdp | <100 opt | <180 | <183 bare | <200 INVITE sdp | ACK | wait 100 | {BYE}',
    f'<INVITE sdp | 180 notag | 183 sdp notag | 200 sdp | <ACK | {LEFT}')
odd('200 long after the caller gave up',
    'INVITE sdp | <100 opt | <180 | CANCEL | <200 CANCEL | <487 INVITE | ACK refused',
    '<INVITE sdp | 180 | <CANCEL | 200 | wait 4000 | 200 INVITE sdp', **SHORT)

if __name__ == '__main__':
    main()
