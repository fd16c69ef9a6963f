import Hosting
import Scoring

@main
struct ScoringMain {
    static func main() async {
        await ServiceMain.main("scoring", summary: "counts blocks of responses; run as many as you like") {
            try await ScoringService(settings: $0).run()
        }
    }
}
