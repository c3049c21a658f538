import Testing

@testable import ConfluentClient

@Suite struct CloudTimeTests {
    @Test(
        arguments: [
            ("1970-01-01T00:00:00Z", 0),
            ("2023-11-11T20:35:48.764784Z", 1_699_734_948_764_784),
            ("2023-11-11t20:35:48z", 1_699_734_948_000_000),
            ("2023-11-11T21:35:48.5+01:00", 1_699_734_948_500_000),
            ("2023-11-11T15:05:48-05:30", 1_699_734_948_000_000),
            ("2000-02-29T12:00:00.1234567899Z", 951_825_600_123_456),
            ("1969-12-31T23:59:59.999999Z", -1),
            ("2016-12-31T23:59:60Z", 1_483_228_800_000_000),
        ] as [(String, Int64)])
    func readsRFC3339(_ text: String, _ microseconds: Int64) {
        #expect(CloudTime(rfc3339: text)?.microseconds == microseconds)
    }

    @Test(arguments: [
        "", "2023", "2023-13-01T00:00:00Z", "2023-02-29T00:00:00Z", "2023-04-31T00:00:00Z", "2023-11-11T24:00:00Z",
        "2023-11-11T20:35:48", "2023-11-11T20:35:48.Z", "2023-11-11T20:35:48Z ", "2023-11-11T20:35:48+1:00",
        "-023-11-11T20:35:48Z", "２０２３-11-11T20:35:48Z", "2023-11-11T20:35:48Zjunk",
    ])
    func refusesOtherText(_ text: String) {
        #expect(CloudTime(rfc3339: text) == nil)
    }

    @Test func readsHTTPDates() {
        #expect(CloudTime(httpDate: "Sun, 06 Nov 1994 08:49:37 GMT")?.microseconds == 784_111_777_000_000)
        #expect(CloudTime(httpDate: "Sunday, 06-Nov-94 08:49:37 GMT") == nil)
        #expect(CloudTime(httpDate: "Sun, 06 Nov 1994 08:49:37 PST") == nil)
        #expect(CloudTime(httpDate: "") == nil)
    }

    @Test(arguments: [
        "1970-01-01T00:00:00.000000Z", "2023-11-11T20:35:48.764784Z", "1969-12-31T23:59:59.999999Z",
        "2000-02-29T00:00:00.000000Z", "2100-03-01T00:00:00.000001Z", "0001-01-01T00:00:00.000000Z",
    ])
    func writesWhatItReads(_ text: String) {
        #expect(CloudTime(rfc3339: text)?.description == text)
    }

    @Test func everyDayOfFourCenturiesSurvives() {
        var before: Int64?
        for day in Int64(-80_000)..<80_000 {
            let time = CloudTime(microseconds: day * 86_400_000_000 + 1)
            #expect(CloudTime(rfc3339: time.description) == time)
            if let before { #expect(time.microseconds > before) }
            before = time.microseconds
        }
    }
}
