namespace OverlayImg.Layers.Ready;

/// <summary>Small ready-made files that nearly every image needs (dockerTools' fakeNss, binSh, usrBinEnv and caCertificates).</summary>
[Flags]
public enum ReadyContents
{
    /// <summary>No files.</summary>
    None = 0,

    /// <summary>
    /// <c>/etc/passwd</c> and <c>/etc/group</c> with root and nobody, <c>/etc/nsswitch.conf</c>, and the empty
    /// directory <c>/var/empty</c>.
    /// </summary>
    FakeNss = 1,

    /// <summary><c>/bin/sh</c> as a link to a shell of the image.</summary>
    BinSh = 2,

    /// <summary><c>/usr/bin/env</c> as a link to an env of the image.</summary>
    UsrBinEnv = 4,

    /// <summary>This machine's bundle of CA certificates, at the three paths where programs look for it.</summary>
    CaCertificates = 8,
}
