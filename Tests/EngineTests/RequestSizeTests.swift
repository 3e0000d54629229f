import Testing

@testable import Engine

@Suite struct RequestSizeTests {
    @Test("It halves what was too large, down to one record")
    func shrinks() {
        var size = RequestSize(most: 20)
        let learnt = [20, 10, 5, 2, 1].map { size.wasTooLarge($0) }
        #expect(learnt == [true, true, true, true, false])
        #expect(size.current == 1)
    }

    @Test("What was answered before is not too large, whatever the server says of it now")
    func knows() {
        var size = RequestSize(most: 20)
        let grew = size.wasAnswered(12)
        let learnt = [size.wasTooLarge(12), size.wasTooLarge(13)]
        #expect(!grew && learnt == [false, true])
        #expect(size.current == 6)
    }

    @Test("Many good answers at a learnt size double it, at most to what the job says")
    func grows() {
        var size = RequestSize(most: 20)
        size.begin(with: 7)
        let first = (1...200).map { _ in size.wasAnswered(7) }
        #expect(first.firstIndex(of: true) == 199)
        #expect(size.current == 14)
        // Requests that are not full say nothing.
        for _ in 0..<500 { _ = size.wasAnswered(3) }
        #expect(size.current == 14)
        for _ in 0..<200 { _ = size.wasAnswered(14) }
        #expect(size.current == 20)
        // The first of the new size may be refused again: 14 were answered.
        let learnt = size.wasTooLarge(20)
        #expect(learnt && size.current == 10)
    }
}
