// SPDX-License-Identifier: MIT OR Apache-2.0
pragma solidity ^0.8.0;

/// A wallet that does what enough of its owners signed, in the manner of Safe: its code is another contract's, named in its
/// first slot, and an owner's signature may also be for code that runs on the wallet's own storage (operation 1).
contract Multisig {
    event SafeSetup(
        address indexed initiator, address[] owners, uint256 threshold, address initializer, address fallbackHandler
    );
    event AddedOwner(address indexed owner);
    event RemovedOwner(address indexed owner);
    event ChangedThreshold(uint256 threshold);
    event ExecutionSuccess(bytes32 indexed txHash, uint256 payment);
    event ExecutionFailure(bytes32 indexed txHash, uint256 payment);

    /// The first slot is the wallet's (`MultisigProxy`): which code it runs.
    address private masterCopy;
    mapping(address => bool) public isOwner;
    uint256 public threshold;
    uint256 public nonce;

    modifier bySelf() {
        require(msg.sender == address(this), "only by its owners");
        _;
    }

    function setup(address[] calldata owners, uint256 needed) external {
        require(threshold == 0 && needed > 0 && needed <= owners.length, "set up once, with enough owners");
        for (uint256 at = 0; at < owners.length; at++) isOwner[owners[at]] = true;
        threshold = needed;
        emit SafeSetup(msg.sender, owners, needed, address(0), address(0));
    }

    function addOwnerWithThreshold(address owner, uint256 needed) external bySelf {
        isOwner[owner] = true;
        emit AddedOwner(owner);
        setThreshold(needed);
    }

    function removeOwner(address owner, uint256 needed) external bySelf {
        isOwner[owner] = false;
        emit RemovedOwner(owner);
        setThreshold(needed);
    }

    function execTransaction(
        address to, uint256 value, bytes calldata data, uint8 operation, bytes calldata signatures
    ) external payable returns (bool done) {
        bytes32 hash = getTransactionHash(to, value, data, operation, nonce++);
        checkSignatures(hash, signatures);
        if (operation == 1) (done,) = to.delegatecall(data);
        else (done,) = to.call{value: value}(data);
        if (done) emit ExecutionSuccess(hash, 0);
        else emit ExecutionFailure(hash, 0);
    }

    function getTransactionHash(address to, uint256 value, bytes calldata data, uint8 operation, uint256 number)
        public
        view
        returns (bytes32)
    {
        return keccak256(abi.encode(address(this), to, value, keccak256(data), operation, number));
    }

    /// Owners sign in ascending order, so that nobody signs twice.
    function checkSignatures(bytes32 hash, bytes calldata signatures) private view {
        require(signatures.length >= 65 * threshold, "too few signatures");
        address last = address(0);
        for (uint256 at = 0; at < threshold; at++) {
            bytes calldata one = signatures[65 * at:65 * at + 65];
            address owner = ecrecover(hash, uint8(one[64]), bytes32(one[0:32]), bytes32(one[32:64]));
            require(owner > last && isOwner[owner], "not by an owner");
            last = owner;
        }
    }

    function setThreshold(uint256 needed) private {
        if (threshold == needed) return;
        threshold = needed;
        emit ChangedThreshold(needed);
    }

    receive() external payable {}
}

/// A wallet: its storage, and the name of the code that it runs.
contract MultisigProxy {
    address private masterCopy;

    constructor(address code) {
        masterCopy = code;
    }

    fallback() external payable {
        (bool done, bytes memory told) = masterCopy.delegatecall(msg.data);
        assembly {
            switch done
            case 0 { revert(add(told, 32), mload(told)) }
            default { return(add(told, 32), mload(told)) }
        }
    }

    receive() external payable {}
}

/// Makes wallets and sets them up in one transaction.
contract MultisigFactory {
    event ProxyCreation(address indexed proxy, address singleton);

    function create(address code, bytes calldata initializer) external returns (address wallet) {
        wallet = address(new MultisigProxy(code));
        (bool done,) = wallet.call(initializer);
        require(done, "not set up");
        emit ProxyCreation(wallet, code);
    }
}
