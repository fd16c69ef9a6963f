import Hosting
import Ingest

@main
struct IngestMain {
    static func main() async {
        await ServiceMain.main(
            "ingest", summary: "accepts responses, keeps them, and hands them to scoring workers", readsSet: true
        ) {
            try await IngestService(settings: $0).run()
        }
    }
}
