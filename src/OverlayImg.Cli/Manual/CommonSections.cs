using OverlayImg.Cli.Exits;

namespace OverlayImg.Cli.Manual;

/// <summary>The sections that every man page has.</summary>
internal static class CommonSections
{
    /// <summary>The exit codes, the environment and the files of the tool.</summary>
    public static IReadOnlyList<ManualSection> All { get; } =
    [
        new("Exit status",
        [
            Code("The run is done.", ExitCodes.Done),
            Code("The tool has a bug.", ExitCodes.Bug),
            Code("An option or an argument is wrong.", ExitCodes.Usage),
            Code("An input is missing, damaged, or not allowed.", ExitCodes.Input),
            Code("The machine lacks QEMU, space, a network connection, or a permission.", ExitCodes.Machine),
            Code("A script failed, or --check found a difference.", ExitCodes.Script),
            Code("The time of --timeout or --boot-timeout is over.", ExitCodes.Timeout),
            Code("The images of overlayimg diff --exit-code differ.", ExitCodes.Different),
            Code("The signal SIGHUP, SIGINT or SIGTERM ended the run.", ExitCodes.HungUp, ExitCodes.Interrupted, ExitCodes.Terminated),
            Code("The reader of stdout closed it.", ExitCodes.ClosedPipe),
        ]),
        new("Environment",
        [
            Variable("Directory of the cache, unless --cache-dir names one.", "OVERLAYIMG_CACHE_DIR", "XDG_CACHE_HOME", "HOME"),
            Variable("Largest size of the cache, such as 20G, unless --cache-limit states one.", "OVERLAYIMG_CACHE_LIMIT"),
            Variable("Time of every file in a new layer, in seconds since 1970. The default is 1.", "SOURCE_DATE_EPOCH"),
            Variable("Files with the credentials of registries.", "REGISTRY_AUTH_FILE", "DOCKER_CONFIG", "XDG_RUNTIME_DIR", "XDG_CONFIG_HOME"),
            Variable("Proxies for registries.", "http_proxy", "https_proxy", "no_proxy"),
            Variable("Certificate authorities for registries.", "SSL_CERT_FILE", "SSL_CERT_DIR"),
            Variable("Directories of QEMU and of credential helpers.", "PATH"),
            Variable("Directory of temporary files, if the cache can't be written.", "TMPDIR"),
            Variable("If it is set, the output has no colours, and progress is plain lines.", "NO_COLOR"),
        ]),
        new("Files",
        [
            new(["~/.cache/overlayimg"], null, "The cache. It can be deleted at any time."),
            new(["~/.docker/config.json"], null, "The credentials of registries, unless the environment or --authfile names another file."),
            new([".containerignore", ".dockerignore"], null,
                "In a directory of the contents: patterns of files that are left out. The format is that of docker build."),
        ]),
    ];

    private static ManualEntry Code(string text, params IEnumerable<int> codes) => new([.. codes.Select(code => $"{code}")], null, text);

    private static ManualEntry Variable(string text, params IReadOnlyList<string> names) => new(names, null, text);
}
